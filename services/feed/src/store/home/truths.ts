import type { Context } from '@plaza/core';

import { entryOf } from '../../domain/home/entry.ts';
import { isFor } from '../../domain/home/fan-out.ts';
import { beginOf } from '../../domain/posts/edit.ts';
import { isDeleted } from '../../domain/posts/post.ts';
import type { PostReader } from '../posts/post-reader.ts';

/** What an entry is by now, for the fan-out: whether it still stands, and for whom. */
export interface Truth {
  isFor(viewerId: string): boolean;
  /** Epoch milliseconds: since when it is so. */
  readonly since: number;
}

export type Truths = ReturnType<typeof createTruths>;

/** Reads what entries are about, strongly consistent. */
export const createTruths = ({ posts }: { posts: Pick<PostReader, 'get'> }) => ({
  /** Undefined: it is gone. */
  async get(ctx: Context, key: string): Promise<Truth | undefined> {
    const entry = entryOf(key);
    if (entry.kind !== 'POST') return undefined;
    const post = await posts.get(ctx, entry.postId);
    if (post === undefined || isDeleted(post)) return undefined;
    return { isFor: (viewerId) => isFor(post, viewerId), since: beginOf(post) };
  },
});
