import type { Clock, Context } from '@plaza/core';

import { BACKFILL_POSTS, windowStart } from '../../domain/home/fan-out.ts';
import type { Deliver } from './delivery.ts';
import type { PostReader } from '../posts/post-reader.ts';

/** Brings the newest posts of authors into one viewer's feed. Writes the rows that the fan-out would write: either order is right. */
export type Backfill = (ctx: Context, viewerId: string, authorIds: readonly string[]) => Promise<void>;

/**
 * Both reads of posts are strongly consistent, as the fan-out's read of followers is: a post and a follow that race are seen by
 * one of the two. Most authors of an import never posted, and one batch read of their markers spares a query each.
 */
export const createBackfill =
  (deps: { posts: PostReader; deliver: Deliver; now: Clock }): Backfill =>
  async (ctx, viewerId, authorIds) => {
    const { posts, deliver } = deps;
    const since = windowStart(deps.now());
    const found = (await posts.whoPosted(ctx, authorIds)).map(async (authorId) => {
      const postIds = await posts.newest(ctx, authorId, since, BACKFILL_POSTS);
      return postIds.map((postId) => ({ viewerId, postId, authorId }));
    });
    const rows = (await Promise.all(found)).flat();
    if (rows.length > 0) await deliver(ctx, rows);
  };
