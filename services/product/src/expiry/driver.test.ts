import { newId, noMetrics, silentLog } from '@plaza/core';
import { createMemoryDb, insert, update, type Db } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { replica } from '../../test/replica.ts';
import { newStock, type Stock } from '../domain/stock.ts';
import { contentOf, keys, products } from '../store/table.ts';
import { createExpiryDriver } from './driver.ts';

const TEA = newId();
const DAY_SECONDS = 24 * 3600;

test('what nobody came for is taken back when its time is up, and told once, however many drivers look', async () => {
  const { db, clock, reserve, drivers, stock, told } = await world();
  const orderId = await reserve(60);
  clock.now = 59_999;
  await Promise.all(drivers.map((driver) => driver.poll()));
  expect(await stock()).toMatchObject({ onHand: 10, reserved: 4, available: 6 });
  clock.now = 60_000;
  await Promise.all(drivers.map((driver) => driver.poll()));
  expect(await stock()).toMatchObject({ onHand: 10, reserved: 0, available: 10 });
  expect(await drivers[0]!.poll()).toBe(0);
  expect(await told('ReservationExpired')).toBe(1);
  const row = await db.get(testContext(), products, keys.reservation(orderId));
  expect(row).toMatchObject({ state: 'EXPIRED', version: 2, expiresAt: 60 + 30 * DAY_SECONDS });
});

test('only what stands is in the index, and only what has ended may vanish', async () => {
  const { db, clock, reserve, inventory, due } = await world();
  const order = () => testContext({ caller: { kind: 'service', service: 'order' } });
  const row = (orderId: string) => db.get(testContext(), products, keys.reservation(orderId));
  const orderId = await reserve(60);
  clock.now = 60_000;
  expect(await due.due(testContext(), clock.now, 10, new Set())).toEqual([{ orderId, reservedUntil: 60_000 }]);
  expect(await row(orderId)).not.toHaveProperty('expiresAt');
  await inventory.commitReservation(order(), { orderId, requestId: newId() });
  expect(await row(orderId)).not.toHaveProperty('expiresAt');
  expect(await due.due(testContext(), clock.now, 10, new Set())).toEqual([]);
  await inventory.releaseReservation(order(), { orderId, requestId: newId() });
  expect(await row(orderId)).toMatchObject({ state: 'RELEASED', expiresAt: 60 + 30 * DAY_SECONDS });
  const never = newId();
  await inventory.releaseReservation(order(), { orderId: never, requestId: newId() });
  expect(await row(never)).toMatchObject({ state: 'RELEASED', lines: [], expiresAt: 60 + 30 * DAY_SECONDS });
  expect(await due.due(testContext(), 10 * clock.now, 10, new Set())).toEqual([]);
});

test('an order that comes late, but before the driver, keeps its units; one that comes after it is refused', async () => {
  const { clock, reserve, inventory, drivers, stock } = await world();
  const order = () => testContext({ caller: { kind: 'service', service: 'order' } });
  const [late, later] = [await reserve(60), await reserve(60)];
  clock.now = 70_000;
  await inventory.commitReservation(order(), { orderId: late, requestId: newId() });
  await drivers[0]!.poll();
  await expect(inventory.commitReservation(order(), { orderId: later, requestId: newId() })).rejects.toMatchObject({
    reason: 'RESERVATION_EXPIRED',
  });
  expect(await stock()).toMatchObject({ onHand: 6, reserved: 0, available: 6 });
});

test('those that fail stand back for the others behind them, and have their turn again later', async () => {
  const { db, clock, reserve, drivers, stock } = await world(1000);
  const broken: string[] = [];
  for (let i = 0; i < 200; i++) broken.push(await reserve(60));
  const sound = await reserve(61);
  // Units of a standing reservation that are missing: a defect, which no trying mends.
  const reserved = Number((await db.get(testContext(), products, keys.stock(TEA)))!['reserved']);
  await db.write(testContext(), update(products, keys.stock(TEA), { set: { reserved: 4 } }));
  for (const orderId of broken)
    await db.write(
      testContext(),
      update(products, keys.reservation(orderId), { set: { lines: [{ productId: TEA, quantity: 5 }] } }),
    );
  clock.now = 61_000;
  for (let looks = 0; looks < 10; looks++) await drivers[0]!.poll();
  expect(await db.get(testContext(), products, keys.reservation(sound))).toMatchObject({ state: 'EXPIRED' });
  await db.write(testContext(), update(products, keys.stock(TEA), { set: { reserved: reserved + 200 } }));
  clock.now += 20_000;
  while ((await drivers[0]!.poll()) > 0);
  expect(await stock()).toMatchObject({ reserved: reserved + 200 - 5 * 200 });
});

test('more than one look can take are all taken, and the metric tells how late the oldest is', async () => {
  const gauges: number[] = [];
  const { clock, reserve, drivers, stock } = await world(1000, gauges);
  for (let i = 0; i < 120; i++) await reserve(60 + i);
  clock.now = 500_000;
  let looks = 0;
  while ((await drivers[0]!.poll()) > 0) looks++;
  expect(looks).toBeGreaterThan(1);
  expect(gauges[0]).toBe(440);
  expect(gauges.at(-1)).toBe(0);
  expect(await stock()).toMatchObject({ reserved: 0, available: 1000 });
});

/** Two processes over a table in memory. */
const world = async (units = 10, gauges: number[] = []) => {
  const db: Db = createMemoryDb();
  await db.transact(testContext(), [insert(products, { ...keys.stock(TEA), ...newStock(TEA, units) })]);
  const clock = { now: 0 };
  const now = () => clock.now;
  const metrics = { ...noMetrics, gauge: () => ({ set: (_labels: unknown, value: number) => void gauges.push(value) }) };
  const replicas = [replica(db, now), replica(db, now)];
  const drivers = replicas.map((one) => createExpiryDriver({ ...one, log: silentLog, metrics, now }));
  const { inventory, due } = replicas[0]!;
  return {
    db,
    clock,
    drivers,
    inventory,
    due,
    reserve: async (ttlSeconds: number) => {
      const orderId = newId();
      await inventory.reserveStock(testContext({ caller: { kind: 'service', service: 'order' } }), {
        orderId,
        lines: [{ productId: TEA, quantity: 4n }],
        ttlSeconds,
        requestId: newId(),
      });
      return orderId;
    },
    stock: async () => contentOf<Stock>((await db.get(testContext(), products, keys.stock(TEA)))!),
    told: async (name: string) => {
      const shards = await Promise.all([0, 1, 2, 3].map((shard) => db.query(testContext(), products, { pk: `OX#${shard}` })));
      return shards.flatMap(({ items }) => items).filter(({ subject }) => subject === `plaza.product.v1.${name}`).length;
    },
  };
};
