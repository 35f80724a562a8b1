import { mutationOf, newId } from '@plaza/core';
import { createMemoryDb, type Db } from '@plaza/dynamo';
import { asAdmin, testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { planBlock, planFollow, planMute, type Plan } from '../domain/plan.ts';
import { TIE } from '../domain/visibility.ts';
import { createCircleStore } from './circle-store.ts';
import { graph, keys, tiesOf } from './table.ts';
import { tiesIn } from './tie-rows.ts';
import { createTieStore } from './tie-store.ts';

const [ME, FRIEND, FOE] = [newId(), newId(), newId()];

const changing = (db: Db) => {
  const ties = createTieStore({ db, relay: { nudge: () => undefined }, now: Date.now });
  return (one: string, other: string, plan: Plan) =>
    ties.change(asAdmin(), mutationOf(asAdmin(), newId(), {}), { ids: [one, other], plan, reply: () => null });
};
const versionIn = async (db: Db) => tiesIn(await db.get(testContext(), graph, keys.ties(ME))).version;

test('ties that change while they are read are read again: a circle is of one moment', async () => {
  const db = createMemoryDb();
  const change = changing(db);
  await change(ME, FRIEND, planFollow(9));
  await change(FOE, ME, planMute('ALL'));
  const blocked = Promise.withResolvers<void>();
  let isFirst = true;
  const store = createCircleStore({
    db: {
      ...db,
      // The follow is read before the block that ends it, everything else after it.
      query: async (ctx, table, query) => {
        if (query.pk !== tiesOf('FO', ME)) await blocked.promise;
        const page = await db.query(ctx, table, query);
        if (isFirst) {
          isFirst = false;
          await change(ME, FRIEND, planBlock);
          blocked.resolve();
        }
        return page;
      },
    },
  });
  const circle = await store.load(testContext(), ME);
  expect(circle).toEqual({ version: await versionIn(db), ties: new Map([[FRIEND, TIE.BLOCKS]]), unheld: [] });
});

test('kinds with more ties than are held are named, and asked pair by pair', async () => {
  const db = createMemoryDb();
  const change = changing(db);
  for (const other of [FRIEND, FOE]) await change(ME, other, planFollow(9));
  await change(ME, FOE, planMute('REPOSTS'));
  const store = createCircleStore({ db, most: 1 });
  const circle = await store.load(testContext(), ME);
  expect([circle.unheld, circle.ties]).toEqual([['FO'], new Map([[FOE, TIE.MUTES_REPOSTS]])]);
  expect(await store.pairs(testContext(), ME, circle.unheld, [FRIEND, newId()])).toEqual(new Map([[FRIEND, TIE.FOLLOWS]]));
});

test('of who is tied anew whenever they are read nothing is held, and the pairs are asked for', async () => {
  const db = createMemoryDb();
  const change = changing(db);
  await change(ME, FRIEND, planFollow(9));
  await change(FOE, ME, planBlock);
  const store = createCircleStore({
    db: {
      ...db,
      query: async (ctx, table, query) => {
        const page = await db.query(ctx, table, query);
        if (query.pk === tiesOf('FO', ME)) await change(newId(), ME, planBlock);
        return page;
      },
    },
  });
  const circle = await store.load(testContext(), ME);
  expect(circle.version).toBe(await versionIn(db));
  expect(circle.ties.size).toBe(0);
  const pairs = await store.pairs(testContext(), ME, circle.unheld, [FRIEND, FOE, newId()]);
  expect(pairs).toEqual(
    new Map([
      [FRIEND, TIE.FOLLOWS],
      [FOE, TIE.BLOCKED_BY],
    ]),
  );
});

test('who never had to do with anybody has an empty circle', async () => {
  expect(await createCircleStore({ db: createMemoryDb() }).load(testContext(), ME)).toMatchObject({ version: 0, unheld: [] });
});
