import type { Item } from '@plaza/dynamo';

import type { Counts, Mine } from '../../domain/posts/look.ts';
import type { Media, Post, PostVisibility, Tombstone } from '../../domain/posts/post.ts';
import { keys } from '../table.ts';

export const toItem = (post: Post) => ({ ...keys.post(post.postId), ...post });

/** A tombstone has lost all that the post said; see `erased`. */
export const fromItem = (item: Item): Post | Tombstone => {
  const deletedAt = item['deletedAt'] as number | undefined;
  return deletedAt === undefined ? livingIn(item) : { ...keptIn(item), deletedAt };
};

const keptIn = (item: Item) => ({
  postId: item['postId'] as string,
  authorId: item['authorId'] as string,
  visibility: item['visibility'] as PostVisibility,
  version: item['version'] as number,
});

const livingIn = (item: Item): Post => ({
  ...keptIn(item),
  text: item['text'] as string,
  media: item['media'] as unknown as Media[],
  productIds: item['productIds'] as string[],
  hashtags: item['hashtags'] as string[],
  mentions: item['mentions'] as string[],
  ...(item['replyToPostId'] !== undefined && { replyToPostId: item['replyToPostId'] as string }),
  rootPostId: item['rootPostId'] as string,
  depth: item['depth'] as number,
  createdAt: item['createdAt'] as number,
  ...(item['updatedAt'] !== undefined && { updatedAt: item['updatedAt'] as number }),
});

/** What deletion takes out of the row. */
export const erased = [
  'text',
  'media',
  'productIds',
  'hashtags',
  'mentions',
  'replyToPostId',
  'rootPostId',
  'depth',
  'updatedAt',
];

/** An event that takes back may be counted before the one that it takes back: a number below zero is on its way up. */
export const countsIn = (item: Item | undefined): Counts => ({
  likes: Math.max(0, Number(item?.['likes'] ?? 0)),
  reposts: Math.max(0, Number(item?.['reposts'] ?? 0)),
  replies: Math.max(0, Number(item?.['replies'] ?? 0)),
  views: Math.max(0, Number(item?.['views'] ?? 0)),
});

export const mineIn = (item: Item | undefined): Mine => ({
  likedAt: item?.['likedAt'] as number | undefined,
  repostedAt: item?.['repostedAt'] as number | undefined,
  bookmarkedAt: item?.['bookmarkedAt'] as number | undefined,
});
