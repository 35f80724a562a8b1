import process from 'node:process';

import { AppError, isAppError, mutationOf, newId, noMetrics, silentLog } from '@plaza/core';
import { createMemoryDb, type Fault } from '@plaza/dynamo';
import { asUser } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Order } from '../src/domain/order.ts';
import type { Share } from '../src/domain/share.ts';
import { createShareDriver } from '../src/share/driver.ts';
import { createOrderStore } from '../src/store/order-store.ts';
import { createShareStore } from '../src/store/share-store.ts';
import { keys, orderTable } from '../src/store/table.ts';
import { outboxOf, gatedDb } from './world.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 750);
const DELAY_MS = 1000;
/** The test's own reads see no faults. */
const LOOKING = 'plaza.test/Test';

const plan = fc.record({
  acts: fc.array(fc.constantFrom('look' as const, 'look' as const, 'unshare' as const, 'goOn' as const, 'goOn' as const), {
    minLength: 1,
    maxLength: 7,
  }),
  /** Already paid for when all begins. */
  paid: fc.boolean(),
  agrees: fc.boolean(),
  faults: fc.array(fc.option(fc.constantFrom<Fault>('conflict', 'lost-reply', 'unreachable'), { nil: undefined, freq: 4 }), {
    maxLength: 25,
  }),
  scheduler: fc.scheduler(),
});
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

test('however sharing, paying and taking back race and fail: what is told is told once, and what is taken back stays so', async () => {
  expect.hasAssertions();
  await fc.assert(fc.asyncProperty(plan, play), { numRuns: RUNS });
});

test('while nobody tells what the buyer wants the purchase waits, ten seconds at a time, and those behind it have their turn', async () => {
  let clock = 1_000_000;
  const db = createMemoryDb();
  const stores = { db, relay: { nudge: () => undefined }, now: () => clock };
  const orders = createOrderStore({ ...stores, shareDelayMs: DELAY_MS });
  const asked: string[] = [];
  const [first, second] = [newId(), newId()];
  let away = true;
  const users = {
    getPreferences: async (_ctx: unknown, { userId = '' }) => {
      asked.push(userId);
      if (away && userId === first) throw new AppError('UNAVAILABLE', 'PEER_UNAVAILABLE', 'away');
      return { preferences: { sharePurchases: true }, etag: '' };
    },
  };
  const shares = createShareStore(stores);
  const driver = createShareDriver({ shares, orders, users, log: silentLog, metrics: noMetrics, now: () => clock });
  for (const userId of [first, second]) {
    const ctx = { ...asUser(userId), method: 'Sharing' };
    const order = await orders.create(ctx, mutationOf(ctx, newId(), {}), async () => newOrder(userId, newId(), clock));
    await orders.paid(ctx, (await orders.reserved(ctx, order))!);
  }
  const told = async () =>
    (await outboxOf(db, asUser(first))).filter(({ name }) => name === 'PurchaseShared').map(({ orderId }) => orderId);

  clock += DELAY_MS;
  await driver.poll();
  expect([asked.toSorted(), (await told()).length]).toEqual([[first, second].sort(), 1]);
  away = false;
  clock += 9_000;
  expect(await driver.poll()).toBe(0);
  clock += 1_000;
  expect(await driver.poll()).toBe(1);
  expect((await told()).length).toBe(2);
});

const play = async ({ acts, paid, agrees, faults, scheduler }: Plan): Promise<void> => {
  const left = [...faults];
  let quiet = false;
  let clock = 1_000_000;
  const real = createMemoryDb({ faults: ({ method }) => (quiet || method === LOOKING ? undefined : left.shift()) });
  const db = gatedDb(real, async (name) => (quiet ? undefined : scheduler.schedule(Promise.resolve(), name)));
  const stores = { db, relay: { nudge: () => undefined }, now: () => clock };
  const orders = createOrderStore({ ...stores, shareDelayMs: DELAY_MS });
  const shares = createShareStore(stores);
  const users = { getPreferences: async () => ({ preferences: { sharePurchases: agrees }, etag: '' }) };
  const drivers = [0, 1].map(() =>
    createShareDriver({ shares, orders, users, log: silentLog, metrics: noMetrics, now: () => clock }),
  );

  const [userId, orderId] = [newId(), newId()];
  const ctx = () => ({ ...asUser(userId), method: 'Sharing' });
  const read = async () => (await orders.get({ ...ctx(), method: LOOKING }, userId, orderId))!;
  quiet = true;
  await orders.create(ctx(), mutationOf(ctx(), newId(), {}), async () => newOrder(userId, orderId, clock));
  if (paid) {
    await orders.reserved(ctx(), await read());
    await orders.paid(ctx(), await read());
  }
  quiet = false;

  const regret = async () => {
    const mutation = mutationOf({ ...ctx(), method: 'UnsharePurchase' }, newId(), {});
    for (let tries = 0; tries < 8; tries++)
      try {
        if (await shares.withdraw(ctx(), mutation, await read())) return;
      } catch (error) {
        if (!isAppError(error)) throw error;
      }
  };
  const act = async (name: Plan['acts'][number], n: number): Promise<void> => {
    await scheduler.schedule(Promise.resolve(), name);
    if (name === 'look') {
      clock += DELAY_MS;
      await drivers[n % 2]!.poll().catch(unlessApp);
    }
    if (name === 'unshare') await regret();
    if (name === 'goOn') {
      const order = await read();
      if (order.state === 'PENDING') await orders.reserved(ctx(), order).catch(unlessApp);
      if (order.state === 'RESERVED') await orders.paid(ctx(), order).catch(unlessApp);
    }
  };
  await scheduler.waitFor(Promise.all(acts.map(act)));
  quiet = true;
  clock += 60_000;
  for (let round = 0; round < 3; round++) await drivers[0]!.poll();

  const order = await read();
  const row = (await real.get({ ...ctx(), method: LOOKING }, orderTable, keys.share(orderId))) as unknown as Share | undefined;
  const events = await outboxOf(real, { ...ctx(), method: LOOKING });
  const versionsOf = (event: string) => events.filter(({ name }) => name === event).map(({ version }) => version);
  const [shared, unshared] = [versionsOf('PurchaseShared'), versionsOf('PurchaseUnshared')];
  const waited = order.state === 'PAID' && order.sharePurchase === true;
  expect({ state: row?.state, shared: shared.length, unshared: unshared.length }).toEqual(
    order.sharePurchase === false
      ? { state: 'WITHDRAWN', shared: expect.any(Number) as number, unshared: 1 }
      : { state: waited ? (agrees ? 'SHARED' : 'DROPPED') : undefined, shared: waited && agrees ? 1 : 0, unshared: 0 },
  );
  expect(shared.length).toBeLessThanOrEqual(1);
  for (const version of shared) expect(unshared.every((later) => later > version)).toBe(true);
};

const unlessApp = (error: unknown): void => {
  if (!isAppError(error)) throw error;
};

const newOrder = (userId: string, orderId: string, at: number): Order => ({
  orderId,
  userId,
  state: 'PENDING',
  lines: [{ productId: 'tea', sellerId: 'ann', name: 'tea', quantity: 1, unitPrice: { currency: 'EUR', minor: 700 } }],
  total: { currency: 'EUR', minor: 700 },
  address: { name: 'Ada', lines: ['1 Row'], postalCode: '1', city: 'London', countryCode: 'GB' },
  sharePurchase: true,
  version: 1,
  lease: 0,
  createdAt: at,
  updatedAt: at,
});
