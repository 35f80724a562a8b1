import { errorFields, type Context } from '@plaza/core';
import type { Timeline } from '@plaza/cache';
import { ttl, type Db, type Key } from '@plaza/dynamo';

import { rowEnd, type FeedRow } from '../../domain/home/fan-out.ts';
import type { HeadGeneration } from './head-generation.ts';
import { FIRST_ROW, homeFeedTable, keys } from '../table.ts';

/** Ids in a Redis head, see the timeline in libs/cache. */
export const HEAD_CAP = 500;

/** A stretch of a feed: ids in descending order; `more` says whether older ones may exist. */
export interface Stretch {
  readonly ids: readonly string[];
  readonly more: boolean;
}

interface Range {
  readonly before: string | undefined;
  /** The lowest key that is wanted; '' for all. */
  readonly floor: string;
  readonly limit: number;
}

export type HomeFeedStore = ReturnType<typeof createHomeFeedStore>;

/** Rows of home feeds, and the Redis head that spares reading them. Rows go to the table first, then to heads that are warm. */
export const createHomeFeedStore = (deps: { db: Db; heads: Timeline; generation: HeadGeneration }) => {
  const { db, heads, generation } = deps;

  const fromTable = async (ctx: Context, viewerId: string, range: Range): Promise<Stretch> => {
    const { before, floor, limit } = range;
    const { items } = await db.query(ctx, homeFeedTable, {
      pk: viewerId,
      sk: { gte: floor === '' ? FIRST_ROW : floor },
      descending: true,
      limit: limit + 1,
      after: before === undefined ? undefined : keys.feedRow(viewerId, before),
    });
    return { ids: items.slice(0, limit).map((item) => item.sk), more: items.length > limit };
  };

  /** Reads the newest rows into the head. Begun before the table is read, so that a row written meanwhile reaches one of both. */
  const warm = async (ctx: Context, viewerId: string, floor: string, limit: number): Promise<Stretch> => {
    const token = await heads.begin(ctx, viewerId);
    // Redis is away: a head's worth of rows would be read for nothing.
    if (token === undefined) return fromTable(ctx, viewerId, { before: undefined, floor, limit });
    const { ids, more } = await fromTable(ctx, viewerId, { before: undefined, floor, limit: HEAD_CAP });
    // Below the floor there may be rows, which a rebuilding brings: the head must not say that there are none.
    await heads.fill(ctx, viewerId, token, ids, more ? (ids.at(-1) ?? floor) : floor);
    return { ids: ids.slice(0, limit), more: more || ids.length > limit };
  };

  return {
    /** Rows below a position and down to the floor, newest first, from the head as far as it reaches, then from the table. */
    async page(ctx: Context, viewerId: string, range: Range): Promise<Stretch> {
      const { before, floor, limit } = range;
      const head = await heads.page(ctx, viewerId, { ...(before !== undefined && { before }), limit: limit + 1 });
      if (head === undefined) {
        return before === undefined ? warm(ctx, viewerId, floor, limit) : fromTable(ctx, viewerId, range);
      }
      const ids = head.ids.filter((id) => id >= floor);
      if (ids.length > limit) return { ids: ids.slice(0, limit), more: true };
      if (head.reachedFloor || ids.length < head.ids.length) return { ids, more: false };
      const rest = await fromTable(ctx, viewerId, { before: ids.at(-1) ?? before, floor, limit: limit - ids.length });
      return { ids: [...ids, ...rest.ids], more: rest.more };
    },

    addRows: (ctx: Context, rows: readonly FeedRow[]): Promise<void> =>
      db.batchWrite(ctx, homeFeedTable, {
        put: rows.map(({ viewerId, entry, sourceId }) => ({
          ...keys.feedRow(viewerId, entry),
          source: sourceId,
          expiresAt: ttl(rowEnd(entry), 0),
        })),
      }),

    /** After `addRows`. A head that may have missed its id must not be believed: then all heads go cold. */
    async addToHeads(ctx: Context, rows: readonly FeedRow[]): Promise<void> {
      try {
        await heads.insert(
          ctx,
          rows.map(({ viewerId, entry }) => ({ owner: viewerId, id: entry })),
        );
      } catch (error) {
        ctx.log.warn('feed.heads_missed', { rows: rows.length, ...errorFields(error) });
        await generation.raise(ctx);
      }
    },

    /** Ids left in a head by a failure here are hidden at read like any row that came late. */
    async removeRows(ctx: Context, rows: readonly Pick<FeedRow, 'viewerId' | 'entry'>[]): Promise<void> {
      await db.batchWrite(ctx, homeFeedTable, { remove: rows.map(({ viewerId, entry }) => keys.feedRow(viewerId, entry)) });
      const idsByViewer = Map.groupBy(rows, ({ viewerId }) => viewerId);
      const removals = [...idsByViewer].map(([viewerId, gone]) =>
        heads.remove(
          ctx,
          viewerId,
          gone.map(({ entry }) => entry),
        ),
      );
      const failed = (await Promise.allSettled(removals)).filter(({ status }) => status === 'rejected').length;
      if (failed > 0) ctx.log.warn('feed.heads_kept_ids', { heads: failed });
    },

    /** The oldest rows of a feed; none when it is empty. */
    some: async (ctx: Context, viewerId: string, limit: number): Promise<Key[]> =>
      (await db.query(ctx, homeFeedTable, { pk: viewerId, limit })).items,

    /** With Redis away the head lives up to 14 days longer: ids of posts, that nobody reads. */
    async forgetHead(ctx: Context, viewerId: string): Promise<void> {
      await heads.drop(ctx, viewerId).catch((error: unknown) => {
        ctx.log.warn('feed.head_kept', errorFields(error));
      });
    },

    /** Every row of one source in one feed. Read from the feed, not from the source's timeline: posts may be deleted by now. */
    async entriesOf(ctx: Context, viewerId: string, sourceId: string): Promise<string[]> {
      const { items } = await db.query(ctx, homeFeedTable, { pk: viewerId, sk: { gte: FIRST_ROW } });
      return items.filter((item) => item['source'] === sourceId).map((item) => item.sk);
    },
  };
};
