import { all, any, exists, insert, lacks, lt, lte, remove, update, type Item, type WriteOp } from '@plaza/dynamo';

import type { Edge } from '../domain/edge.ts';
import { graph, keys } from './table.ts';

/** Both rows of a new edge; each fails if it is there. */
export const edgeInserts = ({ followerId, followeeId }: Edge, version: number, followedAt: number): WriteOp[] => [
  insert(graph, { ...keys.following(followerId, followeeId), version, followedAt }),
  insert(graph, { ...keys.follower(followeeId, followerId), version, followedAt }),
];

/** Takes both rows away; each fails if it is not there. */
export const edgeRemovals = ({ followerId, followeeId }: Edge): WriteOp[] => [
  remove(graph, keys.following(followerId, followeeId), exists()),
  remove(graph, keys.follower(followeeId, followerId), exists()),
];

/**
 * Counts whom a person follows, exactly, within the transaction of the edges. Its version puts all changes of one person in a
 * row: the write fails when another change took this version or a later one, or when the count would pass the limit. Several
 * changes at once take all versions from `first` on.
 */
export const countOp = (
  followerId: string,
  by: number,
  version: number,
  { limit, first = version }: { limit?: number | undefined; first?: number } = {},
): WriteOp => {
  const next = any(lacks('version'), lt('version', first));
  const room = limit === undefined ? next : all(next, any(lacks('count'), lte('count', limit - by)));
  return update(graph, keys.followingCount(followerId), { add: { count: by }, set: { version } }, room);
};

/** The stored row behind a refused `countOp`; none stands for a person who never followed. */
export const countOf = (row: Item | undefined): { following: number; version: number | undefined } => ({
  following: Number(row?.['count'] ?? 0),
  version: row && Number(row['version']),
});
