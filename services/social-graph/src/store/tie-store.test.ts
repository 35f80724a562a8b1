import { mutationOf, newId } from '@plaza/core';
import { createMemoryDb, type Db, type WriteOp } from '@plaza/dynamo';
import { asAdmin } from '@plaza/testing';
import { expect, test } from 'vitest';

import { planFollow, planUnfollow, type Plan } from '../domain/plan.ts';
import { createTieStore } from './tie-store.ts';

const FANS = 1_000;
const keyOf = (op: WriteOp) => (op.verb === 'put' ? op.item : op.key);

test('of all who follow and unfollow one celebrity, no two write or check the same row', async () => {
  const transactions: (readonly WriteOp[])[] = [];
  const memory = createMemoryDb();
  const db: Db = {
    ...memory,
    transact: (ctx, ops) => {
      transactions.push(ops);
      return memory.transact(ctx, ops);
    },
  };
  const ties = createTieStore({ db, relay: { nudge: () => undefined }, now: Date.now });
  const star = newId();
  const fans = Array.from({ length: FANS }, () => newId());
  const change = (plan: Plan) =>
    Promise.all(
      fans.map((fan) =>
        ties.change(asAdmin(), mutationOf(asAdmin(), newId(), {}), { ids: [fan, star], plan, reply: () => null }),
      ),
    );
  const writersOf = new Map<string, Set<string>>();
  for (const plan of [planFollow(FANS), planUnfollow]) {
    const before = transactions.length;
    await change(plan);
    // One for each: nobody ran into another.
    expect(transactions.length - before).toBe(FANS);
  }
  for (const ops of transactions) {
    const { pk } = keyOf(ops[0]!);
    for (const op of ops) {
      const { pk: partition, sk } = keyOf(op);
      const row = `${partition}/${sk}`;
      writersOf.set(row, (writersOf.get(row) ?? new Set()).add(pk));
    }
  }
  expect([...writersOf].filter(([, writers]) => writers.size > 1)).toEqual([]);
});
