import type { Clock, Context } from '@plaza/core';

import { BACKFILL_POSTS, windowStart } from '../../domain/home/fan-out.ts';
import { takesRows } from '../../domain/home/feed-state.ts';
import { reachOf, together } from '../../domain/home/reach.ts';
import type { Deliver } from './delivery.ts';
import type { FeedStateStore } from './feed-state-store.ts';
import type { ModeStore } from './mode-store.ts';
import type { SourceTimelines } from './source-timelines.ts';

/** Sources whose timelines are read at a time. */
const AT_ONCE = 16;

export type Backfill = ReturnType<typeof createBackfill>;

/** Brings what sources have said into one viewer's feed. Writes the rows that the fan-out would write: either order is right. */
export const createBackfill = (deps: {
  timelines: Pick<SourceTimelines, 'fromTable' | 'bounds'>;
  modes: Pick<ModeStore, 'pulled'>;
  states: FeedStateStore;
  deliver: Deliver;
  now: Clock;
}) => {
  const { timelines, modes, states, deliver, now } = deps;

  /**
   * The newest entries of the sources, and down to where they are all; a mark for sources that are pulled, whose modes are read after
   * the follow or the waking was committed, see turning.ts. The viewer's own entries are always pushed. Timelines are read strongly consistent, as the fan-out's
   * read of followers is: an entry and a follow that race are seen by one of the two. Who never said anything costs no query.
   */
  const bring = async (ctx: Context, viewerId: string, sourceIds: readonly string[]): Promise<string> => {
    const window = windowStart(now());
    const said = (await timelines.bounds(ctx, [...new Set(sourceIds)])).map(({ sourceId }) => sourceId);
    const pulled = await modes.pulled(
      ctx,
      said.filter((sourceId) => sourceId !== viewerId),
    );
    if (pulled.size > 0) await states.pull(ctx, [viewerId], [...pulled]);
    const pushed = said.filter((sourceId) => !pulled.has(sourceId));
    const found: { sourceId: string; entries: readonly string[]; floor: string; oldest: string | undefined }[] = [];
    for (let i = 0; i < pushed.length; i += AT_ONCE)
      found.push(
        ...(await Promise.all(
          pushed.slice(i, i + AT_ONCE).map(async (sourceId) => {
            const newest = await timelines.fromTable(ctx, sourceId, { limit: BACKFILL_POSTS });
            const { entries, floor } = reachOf(newest, window);
            const mayHave = (entry: string) => sourceId === viewerId || !newest.secret.has(entry);
            return { sourceId, entries: entries.filter(mayHave), floor, oldest: entries.at(-1) };
          }),
        )),
      );
    const { entries, floor } = together(found);
    const wanted = new Set(entries);
    const rows = found.flatMap(({ sourceId, entries: its }) =>
      its.filter((entry) => wanted.has(entry)).map((entry) => ({ viewerId, entry, sourceId })),
    );
    if (rows.length > 0) await deliver(ctx, rows);
    // PRIVATE ones count: shown after they left the window, they are pushed into no feed, so that the window must be its end by then.
    const oldest = found.flatMap((one) => one.oldest ?? []).reduce((a, b) => (a < b ? a : b), '~');
    if (oldest !== '~') await states.reachBack(ctx, viewerId, oldest);
    return floor;
  };

  return {
    /** What newly followed sources have said. A feed that hibernates gets it when it is put together. */
    async follow(ctx: Context, viewerId: string, sourceIds: readonly string[]): Promise<void> {
      // After the follow was committed: whoever puts the feed together later sees it.
      if (!takesRows(await states.get(ctx, viewerId), now())) return;
      const floor = await bring(ctx, viewerId, sourceIds);
      if (floor !== '') await states.raiseFloor(ctx, viewerId, floor);
    },

    /** All that a feed is made of, for one waking of it. */
    async rebuild(ctx: Context, viewerId: string, epoch: number, sourcesOf: () => Promise<readonly string[]>): Promise<void> {
      const state = await states.get(ctx, viewerId);
      if (state?.epoch !== epoch || state.state !== 'BUILDING') return;
      const floor = await bring(ctx, viewerId, await sourcesOf());
      await states.ready(ctx, viewerId, epoch, floor);
    },
  };
};
