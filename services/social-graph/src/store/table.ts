import { defineTable } from '@plaza/dynamo';

/** Every tie stands once for each who reads it. Nothing is read by an index: neither the fan-out nor a check may miss one. */
export const graph = defineTable({ name: 'graph' });

export const keys = {
  // Ties of one person, each by whom it is with: what a check asks for.
  following: (followerId: string, followeeId: string) => ({ pk: `FO#${followerId}`, sk: followeeId }),
  requested: (followerId: string, followeeId: string) => ({ pk: `RQ_OUT#${followerId}`, sk: followeeId }),
  blocking: (blockerId: string, blockedId: string) => ({ pk: `BL#${blockerId}`, sk: blockedId }),
  blockedBy: (blockedId: string, blockerId: string) => ({ pk: `BB#${blockedId}`, sk: blockerId }),
  muting: (muterId: string, mutedId: string) => ({ pk: `MU#${muterId}`, sk: mutedId }),
  // The same ties by time, and from the other side: what lists and the fan-out read.
  followee: (followerId: string, version: number, followeeId: string) => listed('FT', followerId, version, followeeId),
  follower: (followeeId: string, version: number, followerId: string) => listed('FR', followeeId, version, followerId),
  requester: (followeeId: string, version: number, followerId: string) => listed('RQ_IN', followeeId, version, followerId),
  block: (blockerId: string, version: number, blockedId: string) => listed('BT', blockerId, version, blockedId),
  mute: (muterId: string, version: number, mutedId: string) => listed('MT', muterId, version, mutedId),
  // Two rows: the first is written with each tie of the person, the second by everybody who follows a famous one.
  ties: (userId: string) => ({ pk: `CNT#${userId}`, sk: 'TIES' }),
  followersCount: (userId: string) => ({ pk: `CNT#${userId}`, sk: 'FOLLOWERS' }),
  // How a person stands to the public, and the last changes of anybody's standing.
  standing: (userId: string) => ({ pk: `ST#${userId}`, sk: 'STANDING' }),
  standings: () => ({ pk: 'ST', sk: 'HEAD' }),
  // How far the erasure of a person, and how far an import has come.
  erasure: (userId: string) => ({ pk: `ERASED#${userId}`, sk: 'ERASED' }),
  importReceipt: (importId: string) => ({ pk: `IMP#${importId}`, sk: 'RECEIPT' }),
};

/** Ties by whom they are with: the partitions that make up what one person has to do with others. */
export type TieKind = 'FO' | 'RQ_OUT' | 'BL' | 'BB' | 'MU';
export const tiesOf = (kind: TieKind, userId: string): string => `${kind}#${userId}`;

/** Ties by time. */
export type ListKind = 'FT' | 'FR' | 'RQ_IN' | 'BT' | 'MT';
export const listOf = (kind: ListKind, userId: string): string => `${kind}#${userId}`;

/** A version is a time in milliseconds that only grows. Padded, versions sort as numbers; the id tells ties of one version apart. */
const listed = (kind: ListKind, userId: string, version: number, otherId: string) => ({
  pk: listOf(kind, userId),
  sk: `${String(version).padStart(15, '0')}#${otherId}`,
});

/** Whom a row of a list is with. */
export const listedId = (sk: string): string => sk.slice(16);
