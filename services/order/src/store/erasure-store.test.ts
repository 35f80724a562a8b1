import { mutationOf, newId } from '@plaza/core';
import { createMemoryDb, type Faults } from '@plaza/dynamo';
import { asAdmin, asUser, testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createdBetween } from '../domain/created.ts';
import { BLANK, type Order } from '../domain/order.ts';
import { createCartStore } from './cart-store.ts';
import { createErasureStore } from './erasure-store.ts';
import { createOrderLists } from './order-lists.ts';
import { createOrderStore } from './order-store.ts';

const ORDERS = 120;
const ALL = { rows: 1000, after: undefined };
const DEATH = new Error('the process died here');

test('wherever it breaks off, the next try finishes the rest, and the count is exact', { timeout: 120_000 }, async () => {
  for (let survived = 0, whole = false; !whole; survived++) {
    let commands = Number.POSITIVE_INFINITY;
    const { erasures, buyer, list, carts } = await world(() => {
      if (commands-- <= 0) throw DEATH;
      return undefined;
    });
    const run = async () => {
      await erasures.blankAddresses(testContext(), buyer);
      await erasures.removeCart(testContext(), buyer);
      return erasures.finish(testContext(), buyer);
    };
    commands = survived;
    whole = await run().then(
      () => true,
      (error: unknown) => {
        expect(error).toBe(DEATH);
        return false;
      },
    );
    commands = Number.POSITIVE_INFINITY;
    expect(await run()).toEqual({ addresses: ORDERS, carts: 1 });
    expect(await erasures.finished(testContext(), buyer)).toEqual({ addresses: ORDERS, carts: 1 });
    expect((await carts.get(testContext(), buyer)).items).toEqual({});
    for (const order of await list(buyer))
      expect(order).toMatchObject({ address: BLANK, version: 1, lease: 0, state: 'PENDING', total: { minor: 5 } });
  }
});

test('a saga that read the order before goes on, and does not bring the address back', async () => {
  const { erasures, buyer, list, orders } = await world();
  const [seen] = (await list(buyer)) as [Order];
  await erasures.blankAddresses(testContext(), buyer);
  const reserved = await orders.reserved(testContext(), seen);
  await orders.paid(testContext(), reserved!);
  expect(await orders.get(testContext(), buyer, seen.orderId)).toMatchObject({ state: 'PAID', version: 3, address: BLANK });
});

test('two deliveries at once count each order once, and orders of others keep their address', async () => {
  const { erasures, buyer, list, other } = await world();
  await Promise.all([1, 2, 3].map(() => erasures.blankAddresses(testContext(), buyer)));
  expect(await erasures.finish(testContext(), buyer)).toMatchObject({ addresses: ORDERS });
  expect((await list(other)).map(({ address }) => address.name)).toEqual(['Ada']);
});

test('a cart goes once, and from the mark on none is filled', async () => {
  const { erasures, buyer, fill } = await world(undefined, 0);
  for (let delivery = 0; delivery < 2; delivery++) {
    await erasures.removeCart(testContext(), buyer);
    expect(await erasures.finish(testContext(), buyer)).toEqual({ addresses: 0, carts: 1 });
  }
  for (const ctx of [asUser(buyer), asAdmin()])
    await expect(fill(buyer, ctx)).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'USER_NOT_FOUND' });
});

test('from the mark on nothing is ordered for the buyer; what was ordered before is answered again', async () => {
  const { erasures, buyer, other, place } = await world(undefined, 0);
  const request = newId();
  const { orderId } = await place(buyer, asUser(buyer), request);
  await erasures.blankAddresses(testContext(), buyer);
  await erasures.finish(testContext(), buyer);
  for (const ctx of [asUser(buyer), asAdmin()])
    await expect(place(buyer, ctx)).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'USER_NOT_FOUND' });
  expect(await place(buyer, asUser(buyer), request)).toMatchObject({ orderId, address: BLANK });
  expect(await place(other)).toMatchObject({ address: { name: 'Ada' } });
});

test('orders and carts that race with the eraser leave nothing behind, whatever is first', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      let racing = false;
      const { erasures, buyer, list, carts, place, fill } = await world(async ({ verb }) => {
        if (racing) await scheduler.schedule(Promise.resolve(), verb);
        return undefined;
      }, 1);
      racing = true;
      const erase = async () => {
        await erasures.blankAddresses(testContext(), buyer);
        await erasures.removeCart(testContext(), buyer);
        return erasures.finish(testContext(), buyer);
      };
      const placed = Promise.allSettled([place(buyer), place(buyer), fill(buyer), place(buyer), fill(buyer)]);
      const [count] = await scheduler.waitFor(Promise.all([erase(), placed]));
      racing = false;
      const left = await list(buyer);
      expect(left.map(({ address }) => address)).toEqual(left.map(() => BLANK));
      expect(count.addresses).toBe(left.length);
      expect((await carts.get(testContext(), buyer)).items).toEqual({});
      const refused = (await placed).flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
      for (const refusal of refused) expect(refusal).toHaveProperty('reason', 'USER_NOT_FOUND');
    }),
    { numRuns: 300 },
  );
});

const world = async (faults: Faults = () => undefined, count = ORDERS) => {
  let live = false;
  const db = createMemoryDb({ faults: (call) => (live ? faults(call) : undefined) });
  const orders = createOrderStore({ db, relay: { nudge: () => undefined }, now: () => 1_000, shareDelayMs: 0 });
  const [buyer, other] = [newId(), newId()];
  const place = (userId: string, ctx = asUser(userId), requestId = newId()) =>
    orders.create(ctx, mutationOf(ctx, requestId, {}), async () => ({
      orderId: newId(),
      userId,
      state: 'PENDING',
      lines: [],
      total: { currency: 'EUR', minor: 5 },
      address: { name: 'Ada', lines: ['1 Row'], postalCode: 'N1', city: 'London', countryCode: 'GB' },
      version: 1,
      lease: 0,
      createdAt: 0,
      updatedAt: 0,
    }));
  const carts = createCartStore({ db, now: () => 1_000, newId: () => newId() });
  const item = { quantity: 1, addedAt: 1_000, price: { currency: 'EUR', minor: 5 } };
  const fill = (userId: string, ctx = asUser(userId)) =>
    carts.change(ctx, mutationOf(ctx, newId(), {}), userId, () => ({ items: { [newId()]: item }, item }));
  await Promise.all([...Array.from({ length: count }, () => place(buyer)), place(other), fill(buyer)]);
  live = true;
  const lists = createOrderLists({ db });
  const list = async (userId: string) => {
    const { entries } = await lists.ofBuyer(testContext(), userId, createdBetween(undefined, undefined), ALL);
    return entries.map(({ item }) => item!);
  };
  return { buyer, other, orders, list, carts, place, fill, erasures: createErasureStore({ db, now: () => 1_000 }) };
};
