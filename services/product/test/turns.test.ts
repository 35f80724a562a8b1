import { newId } from '@plaza/core';
import { createMemoryDb, insert, type Item } from '@plaza/dynamo';
import { stockDepleted } from '@plaza/events';
import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { newStock } from '../src/domain/stock.ts';
import { keys, products } from '../src/store/table.ts';
import { replica } from './replica.ts';
import { turnsOf } from './turns.ts';

const order = () => testContext({ caller: { kind: 'service', service: 'order' } });
const admin = () => testContext({ caller: { kind: 'admin' } });

test('49 products whose last units go with one order are told of by one event, and come back by one', async () => {
  const { inventory, ids, rows } = await shop(49, 2);
  const orderId = newId();
  const lines = ids.map((productId) => ({ productId, quantity: 2n }));
  await inventory.reserveStock(order(), { orderId, lines, ttlSeconds: 0, requestId: newId() });
  const depleted = (await rows()).filter(({ subject }) => subject === stockDepleted.subject);
  expect(depleted).toHaveLength(1);
  const { turns } = stockDepleted.decode(depleted[0]!['payload'] as Uint8Array);
  expect(turns).toEqual(ids.toSorted().map((productId) => ({ productId, stockVersion: 2n })));
  await inventory.releaseReservation(order(), { orderId, requestId: newId() });
  for (const id of ids) expect(turnsOf(await rows(), id)).toEqual(['DEPLETED', 'RESTOCKED']);
  expect(await rows()).toHaveLength(4);
});

test('only the products that turn are told of, and a sale, of which nothing was to be had before, turns nothing', async () => {
  const { inventory, ids, rows } = await shop(2, 3);
  const [all, some] = ids as [string, string];
  const orderId = newId();
  const lines = [
    { productId: all, quantity: 3n },
    { productId: some, quantity: 1n },
  ];
  await inventory.reserveStock(order(), { orderId, lines, ttlSeconds: 0, requestId: newId() });
  await inventory.commitReservation(order(), { orderId, requestId: newId() });
  expect(turnsOf(await rows(), all)).toEqual(['DEPLETED']);
  await inventory.releaseReservation(order(), { orderId, requestId: newId() });
  expect(turnsOf(await rows(), all)).toEqual(['DEPLETED', 'RESTOCKED']);
  expect(turnsOf(await rows(), some)).toEqual([]);
});

test('corrections tell too, and only when they turn something', async () => {
  const { inventory, ids, rows } = await shop(1, 3);
  const productId = ids[0]!;
  const adjust = (delta: bigint) => inventory.adjustStock(admin(), { productId, delta, reason: 'count', requestId: newId() });
  for (const delta of [-1n, -2n, 5n, 1n, -6n]) await adjust(delta);
  expect(turnsOf(await rows(), productId)).toEqual(['DEPLETED', 'RESTOCKED', 'DEPLETED']);
});

test('two replicas that sell, give back and correct tell of each turn once, by turns', { timeout: 60_000 }, async () => {
  const { db, ids, rows } = await shop(1, 1);
  const productId = ids[0]!;
  const replicas = [replica(db, Date.now), replica(db, Date.now)];
  const buyer = async ({ inventory }: ReturnType<typeof replica>) => {
    for (let round = 0; round < 30; round++) {
      const orderId = newId();
      const lines = [{ productId, quantity: 1n }];
      const sold = await inventory.reserveStock(order(), { orderId, lines, ttlSeconds: 0, requestId: newId() }).then(
        () => true,
        () => false,
      );
      if (sold) await inventory.releaseReservation(order(), { orderId, requestId: newId() });
    }
  };
  await Promise.all(replicas.flatMap((one) => [buyer(one), buyer(one), buyer(one)]));
  const turns = turnsOf(await rows(), productId);
  expect(turns.length).toBeGreaterThan(30);
  turns.forEach((turn, i) => expect(turn).toBe(i % 2 === 0 ? 'DEPLETED' : 'RESTOCKED'));
  expect(turns.at(-1)).toBe('RESTOCKED');
});

const shop = async (count: number, units: number) => {
  const db = createMemoryDb();
  const ids = Array.from({ length: count }, () => newId());
  for (const id of ids)
    await db.transact(testContext(), [
      insert(products, { ...keys.product(id), productId: id, sellerId: 'seller' }),
      insert(products, { ...keys.stock(id), ...newStock(id, units) }),
    ]);
  const rows = async (): Promise<Item[]> =>
    (await Promise.all([0, 1, 2, 3].map((shard) => db.query(testContext(), products, { pk: `OX#${shard}` })))).flatMap(
      ({ items }) => items,
    );
  return { db, ids, rows, ...replica(db, Date.now) };
};
