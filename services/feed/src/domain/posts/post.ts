import { idTime } from '@plaza/core';

import { hashtagsIn, mentionsIn } from './text.ts';

export type PostVisibility = 'PUBLIC' | 'FOLLOWERS' | 'PRIVATE';

/** What an author hands in. */
export interface Draft {
  readonly authorId: string;
  readonly text: string;
  readonly productIds: readonly string[];
  readonly visibility: PostVisibility;
}

export interface Post extends Draft {
  readonly postId: string;
  readonly hashtags: readonly string[];
  readonly mentions: readonly string[];
  readonly version: number;
  /** Server receive time, the time inside the id. */
  readonly createdAt: number;
}

/** What remains of a deleted post: enough to withhold it and to sweep its feed rows. */
export interface Tombstone {
  readonly postId: string;
  readonly authorId: string;
  readonly visibility: PostVisibility;
  readonly version: number;
  readonly deletedAt: number;
}

export const isDeleted = (post: Post | Tombstone): post is Tombstone => 'deletedAt' in post;

/** The first version of a post. A function of id and draft alone, so that a repeated call is answered without the stored text. */
export const newPost = (postId: string, draft: Draft): Post => ({
  ...draft,
  postId,
  hashtags: hashtagsIn(draft.text),
  mentions: mentionsIn(draft.text),
  version: 1,
  createdAt: idTime(postId),
});
