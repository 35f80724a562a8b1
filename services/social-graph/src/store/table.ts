import { defineTable } from '@plaza/dynamo';

/** Every edge stands twice, so that both lists are one query each. Nothing is read by an index: the fan-out must not miss a follower. */
export const graph = defineTable({ name: 'graph' });

export const keys = {
  // Whom a person follows, and who follows a person, each by id.
  following: (followerId: string, followeeId: string) => ({ pk: followingOf(followerId), sk: followeeId }),
  follower: (followeeId: string, followerId: string) => ({ pk: followersOf(followeeId), sk: followerId }),
  // Two rows: the first is written by the person's own follows, the second by everybody who follows a famous one.
  followingCount: (userId: string) => ({ pk: `CNT#${userId}`, sk: 'FOLLOWING' }),
  followersCount: (userId: string) => ({ pk: `CNT#${userId}`, sk: 'FOLLOWERS' }),
  // How far the erasure of a person has come.
  erasure: (userId: string) => ({ pk: `ERASED#${userId}`, sk: 'ERASED' }),
};

export const followingOf = (followerId: string): string => `FO#${followerId}`;
export const followersOf = (followeeId: string): string => `FR#${followeeId}`;
