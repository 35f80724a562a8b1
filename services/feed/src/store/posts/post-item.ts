import type { Item } from '@plaza/dynamo';

import type { Post, PostVisibility, Tombstone } from '../../domain/posts/post.ts';
import { keys } from '../table.ts';

export const toItem = (post: Post) => ({ ...keys.post(post.postId), ...post });

/** A tombstone has lost text, tags and cards; see `erased`. */
export const fromItem = (item: Item): Post | Tombstone => {
  const kept = {
    postId: item['postId'] as string,
    authorId: item['authorId'] as string,
    visibility: item['visibility'] as PostVisibility,
    version: item['version'] as number,
  };
  const deletedAt = item['deletedAt'] as number | undefined;
  if (deletedAt !== undefined) return { ...kept, deletedAt };
  return {
    ...kept,
    text: item['text'] as string,
    productIds: item['productIds'] as string[],
    hashtags: item['hashtags'] as string[],
    mentions: item['mentions'] as string[],
    createdAt: item['createdAt'] as number,
  };
};

/** What deletion takes out of the row. */
export const erased = ['text', 'productIds', 'hashtags', 'mentions'];
