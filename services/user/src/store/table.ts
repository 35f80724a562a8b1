import { defineTable, type Item } from '@plaza/dynamo';

import { fold } from '../domain/fold.ts';

export const usersTable = defineTable({ name: 'users' });

/** Request, outbox, archive and dead-letter rows stand beside these; their libraries build the keys. */
export const keys = {
  profile: (userId: string) => ({ pk: `U#${userId}`, sk: 'PROFILE' }),
  /** Apart from the profile, so that no reader of profiles, and no cache, ever holds it. */
  password: (userId: string) => ({ pk: `U#${userId}`, sk: 'PASSWORD' }),
  /** Uniqueness is a row, not an index: only an insert into the base table can lose a race. */
  username: (username: string) => ({ pk: `NAME#${fold(username)}`, sk: 'U' }),
  email: (email: string) => ({ pk: `EMAIL#${fold(email)}`, sk: 'U' }),
  session: (digest: string) => ({ pk: `S#${digest}`, sk: 'SESSION' }),
  family: (familyId: string) => ({ pk: `F#${familyId}`, sk: 'FAMILY' }),
  wallet: (userId: string) => ({ pk: `W#${userId}`, sk: 'BAL' }),
  ledger: (account: string, entryId: string) => ({ pk: `W#${account}`, sk: `L#${entryId}` }),
  hold: (orderId: string) => ({ pk: `HOLD#${orderId}`, sk: 'H' }),
};

const MINT_SHARDS = 8;

/**
 * The account that all money comes from, and the only one below zero: minus its balance is the money in circulation. It has
 * no balance row, which every credit would contend for, and several partitions, so that none is hot.
 */
const mintAccount = (shard: number): string => `MINT#${shard}`;
export const mintAccounts = Array.from({ length: MINT_SHARDS }, (_, shard) => mintAccount(shard));

/** An item as the type that its only writer, the store beside, gave it. */
export const read = <T>(item: Item | undefined): T | undefined => {
  if (item === undefined) return undefined;
  const { pk: _pk, sk: _sk, expiresAt: _expiresAt, ...attributes } = item;
  return attributes as T;
};
