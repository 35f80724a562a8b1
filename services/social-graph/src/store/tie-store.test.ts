import { mutationOf, newId } from '@plaza/core';
import { createMemoryDb, type Db, type WriteOp } from '@plaza/dynamo';
import { asAdmin, testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { planBlock, planFollow, planUnblock, planUnfollow, type Plan } from '../domain/plan.ts';
import { graph, keys } from './table.ts';
import { createTieStore } from './tie-store.ts';

const FANS = 1_000;
const FOES = 100;
const keyOf = (op: WriteOp) => (op.verb === 'put' ? op.item : op.key);

test('of all who follow and unfollow one celebrity, no two write or check the same row', async () => {
  const { transactions, everybody } = world(FANS);
  const writersOf = new Map<string, Set<string>>();
  for (const plan of [planFollow(FANS), planUnfollow]) {
    const before = transactions.length;
    await everybody(plan);
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

test('of many who block and unblock one at once, none has to decide anew, and each moves the version of the blocked', async () => {
  const { db, star, transactions, everybody } = world(FOES);
  await everybody(planBlock);
  await everybody(planUnblock);
  expect(transactions).toHaveLength(2 * FOES);
  expect(await db.get(testContext(), graph, keys.ties(star))).toMatchObject({ version: 2 * FOES });
});

test('who was followed by the blocked in the meantime cuts that too', async () => {
  const { db, star, fans, change, before } = world(1);
  const fan = fans[0]!;
  before(() => change(star, fan, planFollow(1)));
  await change(fan, star, planBlock);
  expect(await db.get(testContext(), graph, keys.following(star, fan))).toBeUndefined();
  expect(await db.get(testContext(), graph, keys.blocking(fan, star))).toBeDefined();
});

/** Many who do the same to one, and what they write. */
const world = (count: number) => {
  const transactions: (readonly WriteOp[])[] = [];
  let first: (() => Promise<unknown>) | undefined;
  const memory = createMemoryDb();
  const db: Db = {
    ...memory,
    transact: async (ctx, ops) => {
      const earlier = first;
      first = undefined;
      await earlier?.();
      transactions.push(ops);
      return memory.transact(ctx, ops);
    },
  };
  const ties = createTieStore({ db, relay: { nudge: () => undefined }, now: Date.now });
  const star = newId();
  const fans = Array.from({ length: count }, () => newId());
  const change = (one: string, other: string, plan: Plan) =>
    ties.change(asAdmin(), mutationOf(asAdmin(), newId(), {}), { ids: [one, other], plan, reply: () => null });
  return {
    db,
    star,
    fans,
    transactions,
    change,
    /** Happens when the next transaction was decided, and before it is written. */
    before: (happens: () => Promise<unknown>) => void (first = happens),
    everybody: (plan: Plan) => Promise.all(fans.map((fan) => change(fan, star, plan))),
  };
};
