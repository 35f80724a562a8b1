import type { Context } from '@plaza/core';
import { insert, type Db, type Item, type WriteOp } from '@plaza/dynamo';

import type { Revision } from '../../domain/posts/edit.ts';
import { isDeleted, type Post } from '../../domain/posts/post.ts';
import { keys, postsTable } from '../table.ts';
import { fromItem, toItem } from './post-item.ts';

export type RevisionStore = ReturnType<typeof createRevisionStore>;

/** A post as it was until an edit, whole: a repeated request may have to be answered with it. */
export const revisionRow = (post: Post, endedAt: number): WriteOp =>
  insert(postsTable, { ...toItem(post), ...keys.revision(post.postId, post.version), endedAt });

/** What posts were before. It goes in the transaction that deletes the post. */
export const createRevisionStore = ({ db }: { db: Db }) => ({
  /** Below a version, the last first; `end` says whether older ones are left. */
  async list(
    ctx: Context,
    postId: string,
    before: number | undefined,
    limit: number,
  ): Promise<{ revisions: Revision[]; end: boolean }> {
    const { items } = await db.query(ctx, postsTable, {
      pk: keys.revision(postId, 0).pk,
      sk: { beginsWith: 'V#' },
      descending: true,
      // One more than asked for tells whether there is one more.
      limit: limit + 1,
      after: before === undefined ? undefined : keys.revision(postId, before),
    });
    return { revisions: items.slice(0, limit).map(revisionIn), end: items.length <= limit };
  },

  /** The post as it was at a version; undefined once it is deleted. */
  async at(ctx: Context, postId: string, version: number): Promise<Post | undefined> {
    const item = await db.get(ctx, postsTable, keys.post(postId));
    const post = item && fromItem(item);
    if (post === undefined || isDeleted(post)) return undefined;
    if (post.version === version) return post;
    // Read after the post: whoever ended this version wrote its revision with it.
    const past = await db.get(ctx, postsTable, keys.revision(postId, version));
    return past && revisionIn(past).post;
  },
});

/** A revision is never a tombstone: deletion removes the row. */
const revisionIn = ({ endedAt, ...item }: Item): Revision => ({ post: fromItem(item as Item) as Post, endedAt: Number(endedAt) });
