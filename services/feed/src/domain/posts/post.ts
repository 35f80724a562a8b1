import { idTime } from '@plaza/core';

import { postEmpty, textTooLong } from '../errors.ts';
import { charactersIn, hashtagsIn, mentionsIn } from './text.ts';

/** Characters as people count them. */
export const MAX_CHARACTERS = 2_000;

export type PostVisibility = 'PUBLIC' | 'FOLLOWERS' | 'PRIVATE';

/** A picture or a film somewhere else. */
export interface Media {
  readonly url: string;
  readonly type: 'IMAGE' | 'VIDEO';
  /** In pixels; 0 is unknown. */
  readonly width: number;
  readonly height: number;
  readonly altText: string;
}

/** What an author may change. */
export interface Content {
  readonly text: string;
  readonly media: readonly Media[];
  readonly productIds: readonly string[];
  readonly visibility: PostVisibility;
}

/** What an author hands in. */
export interface Draft extends Content {
  readonly authorId: string;
}

/** Where a post stands in its thread. */
export type Thread = {
  /** The post that it answers. */
  readonly replyToPostId?: string | undefined;
  /** The post that began the thread; this one, if it answers none. */
  readonly rootPostId: string;
  /** Answers between this post and the root. */
  readonly depth: number;
};

export interface Post extends Draft, Thread {
  readonly postId: string;
  readonly hashtags: readonly string[];
  readonly mentions: readonly string[];
  /** 1 at first, one more with each edit and with the deletion. */
  readonly version: number;
  /** Server receive time, the time inside the id. */
  readonly createdAt: number;
  /** Of the last edit. */
  readonly updatedAt?: number | undefined;
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

/** @throws INVALID_ARGUMENT TEXT_TOO_LONG */
export const assertShort = (field: string, text: string): void => {
  const characters = charactersIn(text);
  if (characters > MAX_CHARACTERS) throw textTooLong(field, characters, MAX_CHARACTERS);
};

/** Neither a blank nor what takes no room: control and format characters. */
const VISIBLE = /[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u;

/** @throws INVALID_ARGUMENT POST_EMPTY: what cannot be seen is no text */
export const assertSaysSomething = ({ text, media, productIds }: Content, field: string): void => {
  if (!VISIBLE.test(text) && media.length === 0 && productIds.length === 0) throw postEmpty(field);
};

/** The thread that an answer to this post goes on. */
export const answerTo = ({ postId, rootPostId, depth }: Post): Thread => ({
  replyToPostId: postId,
  rootPostId,
  depth: depth + 1,
});

/** The first version of a post. A function of what the request says and the answer's ids alone: the stored text is not needed. */
export const newPost = (postId: string, draft: Draft, thread: Thread = { rootPostId: postId, depth: 0 }): Post => ({
  ...draft,
  ...thread,
  postId,
  hashtags: hashtagsIn(draft.text),
  mentions: mentionsIn(draft.text),
  version: 1,
  createdAt: idTime(postId),
});
