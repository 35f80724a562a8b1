import { put, remove, ttl, type WriteOp } from '@plaza/dynamo';

import { placesOf, type Place } from '../../domain/posts/places.ts';
import type { Post } from '../../domain/posts/post.ts';
import { placeKey, postsTable } from '../table.ts';
import { PUBLIC_DAYS } from './list-reader.ts';

const DAY_SECONDS = 24 * 3600;

/**
 * Moves a post from the lists in which it stood into those in which it is to stand, in the transaction that writes the post: whoever
 * reads a list finds it as the post is. Undefined: not there yet, or no more. Rows that stay as they are are left alone.
 */
export const placeMoves = (before: Post | undefined, after: Post | undefined): WriteOp[] => {
  const [from, to] = [rowsOf(before), rowsOf(after)];
  const gone = [...from].filter(([name]) => !to.has(name)).map(([, { pk, sk }]) => remove(postsTable, { pk, sk }));
  const come = [...to].filter(([name, row]) => !isSame(row, from.get(name))).map(([, row]) => put(postsTable, row));
  return [...gone, ...come];
};

type Row = {
  readonly pk: string;
  readonly sk: string;
  readonly visibility?: string;
  readonly authorId?: string;
  readonly expiresAt?: number;
};

const rowsOf = (post: Post | undefined): Map<string, Row> =>
  new Map(post && placesOf(post).map((place) => [`${place.list} ${place.of}`, rowOf(place, post)]));

const rowOf = (place: Place, { postId, authorId, visibility, createdAt }: Post): Row => ({
  ...placeKey(place, postId),
  // The backfill of a new follower reads it.
  ...(place.list === 'AUTHOR' && { visibility }),
  // What trends is for everybody, and not for one author to fill.
  ...(place.list === 'HASHTAG' && { visibility, authorId }),
  ...(place.list === 'PUBLIC' && { expiresAt: ttl(createdAt, (PUBLIC_DAYS + 2) * DAY_SECONDS) }),
});

const isSame = (a: Row, b: Row | undefined): boolean =>
  a.visibility === b?.visibility && a.expiresAt === b?.expiresAt && a.pk === b?.pk;
