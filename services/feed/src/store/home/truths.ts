import { idTime, type Context } from '@plaza/core';
import type { Db, Item } from '@plaza/dynamo';

import { entryOf } from '../../domain/home/entry.ts';
import { isFor } from '../../domain/home/fan-out.ts';
import { beginOf } from '../../domain/posts/edit.ts';
import { isDeleted, type Post } from '../../domain/posts/post.ts';
import { fromItem } from '../posts/post-item.ts';
import { keys, postsTable } from '../table.ts';

/** What an entry is by now, for the fan-out: whether it still stands, and for whom. */
export interface Truth {
  isFor(viewerId: string): boolean;
  /** Epoch milliseconds: since when it is so. */
  readonly since: number;
}

export type Truths = ReturnType<typeof createTruths>;

/** Reads what entries are about, strongly consistent. */
export const createTruths = ({ db }: { db: Pick<Db, 'get' | 'batchGet'> }) => ({
  /**
   * Undefined: it is gone. A repost is brought into feeds whatever the post may be just now: if it is PRIVATE, it may be PUBLIC again
   * tomorrow, and no event of the repost tells of that.
   */
  async get(ctx: Context, key: string): Promise<Truth | undefined> {
    const entry = entryOf(key);
    if (entry.kind === 'POST') {
      const post = postIn(await db.get(ctx, postsTable, keys.post(entry.postId)));
      return post && { isFor: (viewerId) => isFor(post, viewerId), since: beginOf(post) };
    }
    const [story, post] = await db.batchGet(ctx, postsTable, [
      keys.story(entry.sourceId, entry.place),
      ...(entry.kind === 'REPOST' ? [keys.post(entry.postId)] : []),
    ]);
    if (story === undefined || (entry.kind === 'REPOST' && postIn(post) === undefined)) return undefined;
    return { isFor: () => true, since: idTime(entry.place) };
  },
});

const postIn = (item: Item | undefined): Post | undefined => {
  const post = item && fromItem(item);
  return post === undefined || isDeleted(post) ? undefined : post;
};
