import type { Clock, Context } from '@plaza/core';

import { BACKFILL_POSTS, windowStart } from '../../domain/home/fan-out.ts';
import { takesRows } from '../../domain/home/feed-state.ts';
import { reachOf } from '../../domain/home/reach.ts';
import type { Tally } from '../../domain/home/receipt.ts';
import type { Deliver } from './delivery.ts';
import type { FeedStateStore } from './feed-state-store.ts';
import { isPulled, type ModeStore } from './mode-store.ts';
import type { SourceTimelines } from './source-timelines.ts';

/** Feeds whose states are changed at a time. */
const AT_ONCE = 16;

export type Turning = ReturnType<typeof createTurning>;

/**
 * Makes feeds follow the turn of a source.
 *
 * Why no entry is missed, and none shown twice, while a source turns. An entry that is pushed and pulled has one key, and is one line. So
 * each feed that is awake must at any moment have the rows, or the mark by which it pulls:
 * - To PULL: nothing is held back until every feed has its mark. The mode is MARKING before the followers are streamed. Whoever follows
 *   or wakes too late for the stream, or for a chunk's look at the feed, does so after the mode was written; the backfill and the
 *   rebuilding, which read the mode after that, set the mark.
 * - To PUSH: the mode is PUSH before anything else. What was planned while it was PULL was committed before, and is in the timeline that is
 *   read then; what is planned later is pushed. The rows are written, and the floor is raised, before the mark goes; a reader reads marks,
 *   floor and rows in this order. The mark goes only in a transaction that finds the same turn to PUSH still standing, so that
 *   no late chunk takes a mark that a later turn has set.
 * - A task that is lost leaves a mark too many, or the marking incomplete, and then nothing is held back.
 */
export const createTurning = (deps: {
  modes: Pick<ModeStore, 'get'>;
  states: FeedStateStore;
  timelines: Pick<SourceTimelines, 'fromTable'>;
  deliver: Deliver;
  now: Clock;
}) => {
  const { modes, states, timelines, deliver, now } = deps;

  /** As the backfill of a follow brings them, read once for all feeds. */
  const bring = async (ctx: Context, sourceId: string, viewerIds: readonly string[]): Promise<void> => {
    const newest = await timelines.fromTable(ctx, sourceId, { limit: BACKFILL_POSTS });
    const { entries, floor } = reachOf(newest, windowStart(now()));
    const rows = viewerIds.flatMap((viewerId) =>
      entries.filter((entry) => !newest.secret.has(entry)).map((entry) => ({ viewerId, entry, sourceId })),
    );
    if (rows.length > 0) await deliver(ctx, rows);
    for (let i = 0; i < viewerIds.length; i += AT_ONCE)
      await Promise.all(
        viewerIds.slice(i, i + AT_ONCE).map(async (viewerId) => {
          if (entries.length > 0) await states.reachBack(ctx, viewerId, entries.at(-1)!);
          if (floor !== '') await states.raiseFloor(ctx, viewerId, floor);
        }),
      );
  };

  return {
    /** One chunk of one turn; a later turn has chunks of its own. A feed that hibernates learns the mode when it wakes. */
    async turn(ctx: Context, sourceId: string, viewerIds: readonly string[], planId: string): Promise<Tally> {
      const mode = await modes.get(ctx, sourceId);
      if (mode?.planId !== planId) return { pushed: 0, hibernated: 0 };
      const found = await states.getMany(ctx, viewerIds);
      const awake = viewerIds.filter((viewerId, i) => viewerId !== sourceId && takesRows(found[i], now()));
      const tally = { pushed: awake.length, hibernated: viewerIds.length - awake.length };
      if (isPulled(mode)) {
        await states.pull(ctx, awake, [sourceId]);
        return tally;
      }
      await bring(ctx, sourceId, awake);
      await states.unpullSince(ctx, viewerIds, sourceId, planId);
      return tally;
    },
  };
};
