import { firstIdAt, type Clock, type Context } from '@plaza/core';
import {
  absent,
  all,
  check,
  eq,
  exists,
  gt,
  lostRace,
  lt,
  put,
  remove,
  update,
  type Condition,
  type Db,
  type Item,
} from '@plaza/dynamo';

import { isAwake, type FeedState } from '../../domain/home/feed-state.ts';
import { homeFeedTable, keys, postsTable, PULLED } from '../table.ts';

/** Each lost race means that somebody else changed the feed's state in between. */
const MAX_TRIES = 20;
/** Of one transaction, beside the check. */
const MARKS_AT_ONCE = 99;

/** What is known of a feed beside its rows. */
export interface FeedHead {
  /** Undefined: nobody ever read it, or the table was dropped. */
  readonly state: FeedState | undefined;
  /** Sources whose timelines are read with the feed, since they are not pushed into it. */
  readonly pulled: readonly string[];
}

export type FeedStateStore = ReturnType<typeof createFeedStateStore>;

/** How far each feed can be believed, and which sources it pulls: in the feed's own partition, gone with its rows. */
export const createFeedStateStore = ({ db, now }: { db: Db; now: Clock }) => {
  const change = (ctx: Context, viewerId: string, set: Record<string, string | number>, condition: Condition) =>
    db.write(ctx, update(homeFeedTable, keys.feedMeta(viewerId), { set }, condition));

  const stateOf = async (ctx: Context, viewerId: string): Promise<FeedState | undefined> =>
    stateIn(await db.get(ctx, homeFeedTable, keys.feedMeta(viewerId)));

  const begin = async (ctx: Context, viewerId: string, isRead: boolean): Promise<FeedState> => {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const before = await stateOf(ctx, viewerId);
      if (isRead && isAwake(before, now())) return before;
      const { epoch, seen, readAt } = before ?? { epoch: 0, seen: '', readAt: 0 };
      const state: FeedState = {
        epoch: epoch + 1,
        state: 'BUILDING',
        since: now(),
        floor: '',
        oldest: firstIdAt(now()),
        readAt: isRead ? now() : readAt,
        seen,
      };
      // What is kept must be what stands there: an item that is marked as seen meanwhile stays seen.
      const as = before === undefined ? absent() : all(eq('epoch', epoch), eq('seen', seen), eq('readAt', readAt));
      const { ok } = await db.write(ctx, put(homeFeedTable, { ...keys.feedMeta(viewerId), ...state }, as));
      if (ok) return state;
    }
    throw lostRace();
  };

  return {
    /** Strongly consistent, before any row is read: what it says of the rows holds of rows that are read later. */
    async read(ctx: Context, viewerId: string): Promise<FeedHead> {
      const { items } = await db.query(ctx, homeFeedTable, { pk: viewerId, sk: { lt: '0' } });
      return {
        state: stateIn(items.find(({ sk }) => sk === keys.feedMeta(viewerId).sk)),
        pulled: items.flatMap(({ sk }) => (sk.startsWith(PULLED) ? [sk.slice(PULLED.length)] : [])),
      };
    },

    get: stateOf,

    /** Aligned with the viewers. */
    async getMany(ctx: Context, viewerIds: readonly string[]): Promise<(FeedState | undefined)[]> {
      const items = await db.batchGet(ctx, homeFeedTable, viewerIds.map(keys.feedMeta));
      return items.map(stateIn);
    },

    /**
     * From here on the feed gets rows again; its sources are read after this, so that each entry is seen there or pushed. Of readers who
     * wake it at once, one does. @throws ABORTED WRITE_CONFLICT
     */
    wake: (ctx: Context, viewerId: string): Promise<FeedState> => begin(ctx, viewerId, true),

    /** Puts it together anew, read or not: nobody has read it by this. @throws ABORTED WRITE_CONFLICT */
    restart: (ctx: Context, viewerId: string): Promise<FeedState> => begin(ctx, viewerId, false),

    /** Says that the viewer reads; nothing if the feed was dropped meanwhile. */
    async touch(ctx: Context, viewerId: string): Promise<void> {
      await change(ctx, viewerId, { readAt: now() }, exists());
    },

    /** Rows below this may be missing from now on. */
    async raiseFloor(ctx: Context, viewerId: string, floor: string): Promise<void> {
      await change(ctx, viewerId, { floor }, all(exists(), lt('floor', floor)));
    },

    /** A row this old was written. */
    async reachBack(ctx: Context, viewerId: string, oldest: string): Promise<void> {
      await change(ctx, viewerId, { oldest }, all(exists(), gt('oldest', oldest)));
    },

    /** The rows of this rebuilding are written, down to `floor`. False when another one has begun, or this one ended before. */
    async ready(ctx: Context, viewerId: string, epoch: number, floor: string): Promise<boolean> {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const state = await stateOf(ctx, viewerId);
        if (state?.epoch !== epoch || state.state !== 'BUILDING') return false;
        // Raised meanwhile by the backfill of a new follow.
        const set = { state: 'READY', since: now(), floor: floor > state.floor ? floor : state.floor };
        const { ok } = await change(ctx, viewerId, set, all(eq('epoch', epoch), eq('floor', state.floor)));
        if (ok) return true;
      }
      throw lostRace();
    },

    /** Seeing less than before changes nothing. */
    async markSeen(ctx: Context, viewerId: string, seen: string): Promise<void> {
      await change(ctx, viewerId, { seen }, all(exists(), lt('seen', seen)));
    },

    /** The source's timeline is read with these feeds from now on. */
    pull: (ctx: Context, viewerIds: readonly string[], sourceIds: readonly string[]): Promise<void> =>
      db.batchWrite(ctx, homeFeedTable, {
        put: viewerIds.flatMap((viewerId) => sourceIds.map((sourceId) => keys.pulled(viewerId, sourceId))),
      }),

    /** No longer, whatever the mode: who does not follow needs neither rows nor mark. */
    unpull: (ctx: Context, viewerId: string, sourceId: string): Promise<void> =>
      db.batchWrite(ctx, homeFeedTable, { remove: [keys.pulled(viewerId, sourceId)] }),

    /** No longer, if the source has not turned again since this turn to PUSH. */
    async unpullSince(ctx: Context, viewerIds: readonly string[], sourceId: string, planId: string): Promise<void> {
      const stands = check(postsTable, keys.mode(sourceId), eq('planId', planId));
      const viewers = [...new Set(viewerIds)];
      for (let i = 0; i < viewers.length; i += MARKS_AT_ONCE) {
        const marks = viewers.slice(i, i + MARKS_AT_ONCE).map((viewerId) => keys.pulled(viewerId, sourceId));
        const ops = marks.map((mark) => remove(homeFeedTable, mark));
        const { ok } = await db.transact(ctx, [...ops, stands]);
        if (!ok) return;
      }
    },
  };
};

const stateIn = (item: Item | undefined): FeedState | undefined =>
  item && {
    epoch: Number(item['epoch']),
    state: item['state'] === 'READY' ? 'READY' : 'BUILDING',
    since: Number(item['since']),
    floor: item['floor'] as string,
    oldest: item['oldest'] as string,
    readAt: Number(item['readAt']),
    seen: item['seen'] as string,
  };
