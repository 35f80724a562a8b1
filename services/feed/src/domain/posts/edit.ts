import { maskPaths, type Caller } from '@plaza/core';

import { editLimit, etagMismatch, postNotFound } from '../errors.ts';
import { assertSaysSomething, isDeleted, type Content, type Media, type Post, type Tombstone } from './post.ts';
import { hashtagsIn, mentionsIn } from './text.ts';

/** Each keeps a revision, and a deletion takes all of them with it in one transaction. */
export const MAX_EDITS = 40;
/** Beyond them a post can still be hidden and shown so often. */
export const MAX_TURNS = 20;

/** Paths of UpdatePost's mask, and what they name. */
const FIELDS = {
  text: 'text',
  media: 'media',
  product_ids: 'productIds',
  visibility: 'visibility',
} as const satisfies Record<string, keyof Content>;

export type PostPath = keyof typeof FIELDS;

/** @throws INVALID_ARGUMENT INVALID_FIELD */
export const pathsToChange = (mask: readonly string[]): PostPath[] => maskPaths(mask, Object.keys(FIELDS) as PostPath[]);

/** What an edit made of a post; nothing changed, and `after` is what stood before. */
export interface Edit {
  readonly before: Post;
  readonly after: Post;
  readonly changed: readonly PostPath[];
}

/**
 * The post, if this caller may change it: its author; an admin, where it is for all to read, because the answer shows it, which
 * `isOpen` says.
 * @throws NOT_FOUND POST_NOT_FOUND, ABORTED ETAG_MISMATCH
 */
export const postToEdit = async (
  post: Post | Tombstone | undefined,
  caller: Caller,
  etag: string,
  isOpen: (post: Post) => Promise<boolean>,
): Promise<Post> => {
  if (post === undefined || isDeleted(post)) throw postNotFound();
  const may = caller.kind === 'admin' ? await isOpen(post) : caller.kind === 'user' && caller.userId === post.authorId;
  if (!may) throw postNotFound();
  if (etag !== '' && etag !== String(post.version)) throw etagMismatch(String(post.version));
  return post;
};

/**
 * The post after the edit. A value that stood before is no change, and changing nothing is no edit.
 * @throws INVALID_ARGUMENT POST_EMPTY, FAILED_PRECONDITION EDIT_LIMIT
 */
export const editOf = (before: Post, paths: readonly PostPath[], wish: Content, at: number): Edit => {
  const changed = paths.filter((path) => textOf(wish[FIELDS[path]]) !== textOf(before[FIELDS[path]]));
  if (changed.length === 0) return { before, after: before, changed };
  const values: Partial<Content> = Object.fromEntries(changed.map((path) => [FIELDS[path], wish[FIELDS[path]]]));
  const said = { ...before, ...values };
  assertSaysSomething(said, 'changes.text');
  const max = changed.every((path) => path === 'visibility') ? MAX_EDITS + MAX_TURNS : MAX_EDITS;
  if (before.version > max) throw editLimit(max);
  const after: Post = {
    ...said,
    hashtags: hashtagsIn(said.text),
    mentions: mentionsIn(said.text),
    version: before.version + 1,
    // Another replica's clock may be ahead: a version does not end before it began.
    updatedAt: Math.max(at, beginOf(before)),
  };
  return { before, after, changed };
};

const MEDIA_FIELDS = { url: true, type: true, width: true, height: true, altText: true } satisfies Record<keyof Media, true>;

/** The fields of media always in one order: a stored map has none. */
const textOf = (value: Content[keyof Content]): string => JSON.stringify(value, Object.keys(MEDIA_FIELDS));

/** When a post came to be as it is. */
export const beginOf = ({ updatedAt, createdAt }: Post): number => updatedAt ?? createdAt;

/** What a post was until an edit. */
export interface Revision {
  readonly post: Post;
  readonly endedAt: number;
}
