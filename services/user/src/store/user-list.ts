import type { Context } from '@plaza/core';
import type { Db } from '@plaza/dynamo';

import type { User, UserState } from '../domain/user.ts';
import { keys, stateShards, usersTable } from './table.ts';
import { userFrom } from './user-rows.ts';

/** Rows read of each partition at a time: twice its share of a page, since they do not fill evenly. */
const READ_AHEAD = 2;

export type UserList = ReturnType<typeof createUserList>;

/** People of one state, newest first. */
export const createUserList = ({ db }: { db: Db }) => {
  /**
   * One page; `below` is the last id of the page before. The order is that of the ids, so people who come or go meanwhile neither
   * repeat others nor hide them. The index may be late: it only proposes, the profiles decide.
   */
  const page = async (
    ctx: Context,
    state: UserState,
    { size, below }: { size: number; below: string | undefined },
  ): Promise<{ users: User[]; next?: string }> => {
    const shards = stateShards(state);
    const limit = Math.ceil(((size + 1) * READ_AHEAD) / shards.length);
    const ids = merged(shards.map((shard) => idsBelow(ctx, shard, below, limit)));
    const users: User[] = [];
    // One more than asked for tells whether there is another page.
    while (users.length <= size) {
      const candidates = await take(ids, size + 1 - users.length);
      if (candidates.length === 0) return { users };
      const items = await db.batchGet(ctx, usersTable, candidates.map(keys.profile));
      users.push(...items.flatMap((item) => userFrom(item) ?? []).filter((user) => user.state === state));
    }
    return { users: users.slice(0, size), next: users[size - 1]!.userId };
  };

  /** Ids of one partition, descending. */
  async function* idsBelow(ctx: Context, pk: string, below: string | undefined, limit: number): AsyncGenerator<string> {
    for (let end = below; ;) {
      const sk = end === undefined ? undefined : { lt: end };
      const { items, after } = await db.query(ctx, usersTable, { index: 'byState', pk, sk, descending: true, limit });
      const ids = items.map((item) => item['stateKey'] as string);
      yield* ids;
      if (after === undefined) return;
      end = ids.at(-1);
    }
  }

  return { page };
};

/** Descending sequences as one. */
async function* merged(sequences: readonly AsyncGenerator<string>[]): AsyncGenerator<string> {
  const heads = await Promise.all(sequences.map((sequence) => sequence.next()));
  for (;;) {
    let first = -1;
    heads.forEach(({ done, value }, i) => {
      if (!done && (first < 0 || value > heads[first]!.value)) first = i;
    });
    if (first < 0) return;
    yield heads[first]!.value as string;
    heads[first] = await sequences[first]!.next();
  }
}

const take = async <T>(sequence: AsyncGenerator<T>, count: number): Promise<T[]> => {
  const taken: T[] = [];
  while (taken.length < count) {
    const { done, value } = await sequence.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
};
