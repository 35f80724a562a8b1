import type { Post } from './post.ts';

/** Lists that a post may stand in. AUTHOR has a partition an author; the others are spread. */
export type ListName = 'AUTHOR' | 'REPLIES' | 'HASHTAG' | 'PRODUCT' | 'PUBLIC';

/** One list in which a post stands. */
export interface Place {
  readonly list: ListName;
  /** The author, the post that is answered, the hashtag, the product, the day. */
  readonly of: string;
}

/** The day of a post in UTC, as lists name it: "2026-11-29". */
export const dayOf = (createdAt: number): string => new Date(createdAt).toISOString().slice(0, 10);

/**
 * Every list in which a living post stands; a deleted one stands in none. What nobody but its author may see is in no list but the
 * author's own.
 */
export const placesOf = (post: Post): Place[] => {
  const author: Place = { list: 'AUTHOR', of: post.authorId };
  if (post.visibility === 'PRIVATE') return [author];
  return [
    author,
    ...(post.replyToPostId === undefined ? [] : [{ list: 'REPLIES' as const, of: post.replyToPostId }]),
    ...post.hashtags.map((tag) => ({ list: 'HASHTAG' as const, of: tag })),
    ...post.productIds.map((id) => ({ list: 'PRODUCT' as const, of: id })),
    ...(post.visibility === 'PUBLIC' ? [{ list: 'PUBLIC' as const, of: dayOf(post.createdAt) }] : []),
  ];
};
