import type { Context } from '@plaza/core';
import type { Db } from '@plaza/dynamo';

import type { Look, Mine } from '../../domain/posts/look.ts';
import type { Post, Tombstone } from '../../domain/posts/post.ts';
import { countsIn, fromItem, mineIn } from './post-item.ts';
import { ANONYMOUS } from '../../domain/visible.ts';
import { keys, postsTable } from '../table.ts';

export type PostReader = ReturnType<typeof createPostReader>;

/**
 * Posts are read from the table, strongly consistent, at every read and never from a cache. A cached post would have to be
 * buried before DeletePost is acknowledged, and with Redis away it could not be: it would come back with Redis, deleted and
 * shown. A page of 20 costs one BatchGetItem instead.
 */
export const createPostReader = ({ db }: { db: Db }) => ({
  async get(ctx: Context, postId: string): Promise<Post | Tombstone | undefined> {
    const item = await db.get(ctx, postsTable, keys.post(postId));
    return item && fromItem(item);
  },

  /** Aligned with the ids. */
  async getMany(ctx: Context, postIds: readonly string[]): Promise<(Post | Tombstone | undefined)[]> {
    const items = await db.batchGet(
      ctx,
      postsTable,
      postIds.map((id) => keys.post(id)),
    );
    return items.map((item) => item && fromItem(item));
  },

  /** Posts with their counts and what this viewer has done with them, aligned with the ids, by one batch read. */
  async look(ctx: Context, postIds: readonly string[], viewerId: string): Promise<(Look<Post | Tombstone> | undefined)[]> {
    const rowsOf = viewerId === ANONYMOUS ? 2 : 3;
    const items = await db.batchGet(
      ctx,
      postsTable,
      postIds.flatMap((id) => [keys.post(id), keys.counts(id), keys.mine(viewerId, id)].slice(0, rowsOf)),
    );
    return postIds.map((_, i) => {
      const [post, counts, mine] = items.slice(rowsOf * i, rowsOf * (i + 1));
      return post && { post: fromItem(post), counts: countsIn(counts), mine: mineIn(mine) };
    });
  },

  /** What each of these people has done with one post, aligned. */
  async mineOf(ctx: Context, postId: string, userIds: readonly string[]): Promise<Mine[]> {
    const items = await db.batchGet(
      ctx,
      postsTable,
      userIds.map((userId) => keys.mine(userId, postId)),
    );
    return items.map(mineIn);
  },
});
