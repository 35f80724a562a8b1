import { errorFields, type Context } from '@plaza/core';
import type { Timeline } from '@plaza/cache';
import { ttl, type Db, type Key } from '@plaza/dynamo';

import { feedEnd, type FeedRow } from '../../domain/home/fan-out.ts';
import type { HeadGeneration } from './head-generation.ts';
import { homeFeedTable, keys } from '../table.ts';

/** Ids in a Redis head, see the timeline in libs/cache. */
export const HEAD_CAP = 500;

/** A stretch of a feed: ids in descending order; `more` says whether older ones may exist. */
export interface Stretch {
  readonly ids: readonly string[];
  readonly more: boolean;
}

export type HomeFeedStore = ReturnType<typeof createHomeFeedStore>;

/** Home feeds: the table is whole, the Redis head spares reading it. Rows go to the table first, then to heads that are warm. */
export const createHomeFeedStore = (deps: { db: Db; heads: Timeline; generation: HeadGeneration }) => {
  const { db, heads, generation } = deps;

  const fromTable = async (ctx: Context, viewerId: string, before: string | undefined, limit: number): Promise<Stretch> => {
    const { items } = await db.query(ctx, homeFeedTable, {
      pk: viewerId,
      descending: true,
      limit: limit + 1,
      after: before === undefined ? undefined : keys.feedRow(viewerId, before),
    });
    return { ids: items.slice(0, limit).map((item) => item.sk), more: items.length > limit };
  };

  /** Reads the newest rows into the head. Begun before the table is read, so that a row written meanwhile reaches one of both. */
  const warm = async (ctx: Context, viewerId: string, limit: number): Promise<Stretch> => {
    const token = await heads.begin(ctx, viewerId);
    // Redis is away: a head's worth of rows would be read for nothing.
    if (token === undefined) return fromTable(ctx, viewerId, undefined, limit);
    const { ids, more } = await fromTable(ctx, viewerId, undefined, HEAD_CAP);
    await heads.fill(ctx, viewerId, token, ids, more ? (ids.at(-1) ?? '') : '');
    return { ids: ids.slice(0, limit), more: more || ids.length > limit };
  };

  return {
    /** The skeleton of a page: ids below a position, newest first, from the head as far as it reaches, then from the table. */
    async page(ctx: Context, viewerId: string, before: string | undefined, limit: number): Promise<Stretch> {
      const head = await heads.page(ctx, viewerId, { ...(before !== undefined && { before }), limit: limit + 1 });
      if (head === undefined) {
        return before === undefined ? warm(ctx, viewerId, limit) : fromTable(ctx, viewerId, before, limit);
      }
      if (head.ids.length > limit) return { ids: head.ids.slice(0, limit), more: true };
      if (head.reachedFloor) return { ids: head.ids, more: false };
      const rest = await fromTable(ctx, viewerId, head.ids.at(-1) ?? before, limit - head.ids.length);
      return { ids: [...head.ids, ...rest.ids], more: rest.more };
    },

    addRows: (ctx: Context, rows: readonly FeedRow[]): Promise<void> =>
      db.batchWrite(ctx, homeFeedTable, {
        put: rows.map(({ viewerId, postId, authorId }) => ({
          ...keys.feedRow(viewerId, postId),
          author: authorId,
          reason: 'FOLLOW',
          expiresAt: ttl(feedEnd(postId), 0),
        })),
      }),

    /** After `addRows`. A head that may have missed its id must not be believed: then all heads go cold. */
    async addToHeads(ctx: Context, rows: readonly FeedRow[]): Promise<void> {
      try {
        await heads.insert(
          ctx,
          rows.map(({ viewerId, postId }) => ({ owner: viewerId, id: postId })),
        );
      } catch (error) {
        ctx.log.warn('feed.heads_missed', { rows: rows.length, ...errorFields(error) });
        await generation.raise(ctx);
      }
    },

    /** Ids left in a head by a failure here are hidden at read like any row that came late. */
    async removeRows(ctx: Context, rows: readonly Pick<FeedRow, 'viewerId' | 'postId'>[]): Promise<void> {
      await db.batchWrite(ctx, homeFeedTable, { remove: rows.map(({ viewerId, postId }) => keys.feedRow(viewerId, postId)) });
      const idsByViewer = Map.groupBy(rows, ({ viewerId }) => viewerId);
      const removals = [...idsByViewer].map(([viewerId, gone]) =>
        heads.remove(
          ctx,
          viewerId,
          gone.map(({ postId }) => postId),
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

    /** Every row of one author in one feed. Read from the feed, not from the author's posts: those may be deleted by now. */
    async idsOfAuthor(ctx: Context, viewerId: string, authorId: string): Promise<string[]> {
      const { items } = await db.query(ctx, homeFeedTable, { pk: viewerId });
      return items.filter((item) => item['author'] === authorId).map((item) => item.sk);
    },
  };
};
