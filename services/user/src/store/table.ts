import { fold } from '@plaza/core';
import { defineTable, type Item } from '@plaza/dynamo';

export const usersTable = defineTable({
  name: 'users',
  indexes: {
    // People of one state, in the order of registration. Only keys: a page is read from the profiles, strongly consistent.
    byState: { pk: 'stateShard', sk: 'stateKey', project: 'KEYS_ONLY' },
  },
});

/** Request, outbox, archive and dead-letter rows stand beside these; their libraries build the keys. */
export const keys = {
  profile: (userId: string) => ({ pk: `U#${userId}`, sk: 'PROFILE' }),
  /** Apart from the profile, so that no reader of profiles, and no cache, ever holds it. */
  password: (userId: string) => ({ pk: `U#${userId}`, sk: 'PASSWORD' }),
  /** Uniqueness is a row, not an index: only an insert into the base table can lose a race. */
  username: (username: string) => ({ pk: `NAME#${fold(username)}`, sk: 'U' }),
  email: (email: string) => ({ pk: `EMAIL#${fold(email)}`, sk: 'U' }),
  session: (digest: string) => ({ pk: `S#${digest}`, sk: 'SESSION' }),
  /** Under the user, so that a person's sessions are one strongly consistent query. */
  family: (userId: string, familyId: string) => ({ pk: `U#${userId}`, sk: `F#${familyId}` }),
  /** Epoch of the access tokens, count of sign-ins, and whether signing in is closed. */
  login: (userId: string) => ({ pk: `U#${userId}`, sk: 'LOGIN' }),
  preferences: (userId: string) => ({ pk: `U#${userId}`, sk: 'PREFS' }),
  purge: (userId: string) => ({ pk: `PURGE#${userId}`, sk: 'PURGE' }),
  score: (board: string, userId: string) => ({ pk: boardShards(board)[shardOf(userId, BOARD_SHARDS)]!, sk: `U#${userId}` }),
  scoreEvent: (board: string, eventId: string) => ({ pk: `SE#${board}#${eventId}`, sk: 'E' }),
  wallet: (userId: string) => ({ pk: `W#${userId}`, sk: 'BAL' }),
  ledger: (account: string, entryId: string) => ({ pk: `W#${account}`, sk: `L#${entryId}` }),
  hold: (orderId: string) => ({ pk: `HOLD#${orderId}`, sk: 'H' }),
  refund: (orderId: string, refundId: string) => ({ pk: `HOLD#${orderId}`, sk: `RF#${refundId}` }),
};

const BOARD_SHARDS = 4;

/** Partitions of one board's scores: a busy board is no hot key, and rebuilding its view reads all of them. */
export const boardShards = (board: string): string[] =>
  Array.from({ length: BOARD_SHARDS }, (_, shard) => `LB#${board}#${shard}`);

const STATE_SHARDS = 8;

/** Partitions of the index of one state. */
export const stateShards = (state: string): string[] =>
  Array.from({ length: STATE_SHARDS }, (_, shard) => `ST#${state}#${shard}`);

/** Index attributes of a profile: ids are ULIDs, so they sort by registration. */
export const stateKeys = ({ userId, state }: { userId: string; state: string }) => ({
  stateShard: stateShards(state)[shardOf(userId, STATE_SHARDS)]!,
  stateKey: userId,
});

/** The random tail of a ULID spreads evenly. */
const shardOf = (id: string, shards: number): number => id.charCodeAt(id.length - 1) % shards;

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
