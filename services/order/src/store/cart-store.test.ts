import { mutationOf, newId } from '@plaza/core';
import { createMemoryDb } from '@plaza/dynamo';
import { asUser, testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { emptied, type CartItems } from '../domain/cart.ts';
import { createdBetween } from '../domain/created.ts';
import type { Order } from '../domain/order.ts';
import { createCartStore } from './cart-store.ts';
import { createOrderLists } from './order-lists.ts';
import { createOrderStore } from './order-store.ts';
import { keys, orderTable } from './table.ts';

const DAY_MS = 86_400_000;

test('30 days after its last change a cart is empty, also while its row is still there, and is filled anew', async () => {
  const { carts, buyer, fill, pass, row } = world();
  await fill('tea');
  pass(29 * DAY_MS);
  await fill('cup');
  pass(29 * DAY_MS);
  expect(Object.keys((await carts.get(testContext(), buyer)).items)).toEqual(['tea', 'cup']);
  pass(DAY_MS);
  expect((await carts.get(testContext(), buyer)).items).toEqual({});
  expect(await row()).toHaveProperty('items.tea');
  await fill('pot');
  expect(Object.keys((await carts.get(testContext(), buyer)).items)).toEqual(['pot']);
});

test('a cart that expired is nothing to order', async () => {
  const { fill, pass, order } = world();
  await fill('tea');
  pass(30 * DAY_MS);
  expect(await order()).toEqual([]);
});

test('a cart that was emptied and filled anew while its order was priced is not the one that was read', async () => {
  const { carts, buyer, fill, clear, order, row } = world();
  await fill('tea');
  const bought = await order(async (round) => {
    if (round > 1) return;
    await clear();
    await fill('cup');
  });
  expect(bought).toEqual(['cup']);
  expect(await row()).toBeUndefined();
  expect((await carts.get(testContext(), buyer)).items).toEqual({});
});

test('an order of a cart that changes all the time is given up, and the cart stays', async () => {
  const { fill, order, row, lists, buyer } = world();
  await fill('tea');
  await expect(order((round) => fill(`p${round}`))).rejects.toMatchObject({ code: 'ABORTED', reason: 'WRITE_CONFLICT' });
  expect(await row()).toHaveProperty('items.tea');
  const none = { entries: [], end: true };
  expect(await lists.ofBuyer(testContext(), buyer, createdBetween(undefined, undefined), { rows: 10, after: undefined })).toEqual(
    none,
  );
});

test('a change that loses is decided again on what won', async () => {
  const { carts, buyer, fill, mutation } = world();
  let rounds = 0;
  await carts.change(testContext(), mutation(), buyer, async (items) => {
    if (++rounds === 1) await fill('tea');
    return { items: { ...items, cup: ITEM }, item: ITEM };
  });
  expect(rounds).toBe(2);
  expect(Object.keys((await carts.get(testContext(), buyer)).items).toSorted()).toEqual(['cup', 'tea']);
});

const ITEM = { quantity: 1, addedAt: 0, price: { currency: 'EUR', minor: 5 } };

const world = () => {
  let clock = Date.now();
  const now = () => clock;
  const db = createMemoryDb();
  const buyer = newId();
  const carts = createCartStore({ db, now, newId: () => newId() });
  const orders = createOrderStore({ db, relay: { nudge: () => undefined }, now, shareDelayMs: 0 });
  const mutation = () => mutationOf(asUser(buyer), newId(), {});
  const fill = async (productId: string): Promise<void> => {
    await carts.change(testContext(), mutation(), buyer, (items) => ({ items: { ...items, [productId]: ITEM }, item: ITEM }));
  };
  const orderOf = (items: CartItems): Order => ({
    orderId: newId(),
    userId: buyer,
    state: 'PENDING',
    lines: Object.keys(items).map((productId) => ({
      productId,
      sellerId: 's',
      name: productId,
      quantity: 1,
      unitPrice: ITEM.price,
    })),
    total: ITEM.price,
    address: { name: 'Ada', lines: ['1 Row'], postalCode: 'N1', city: 'London', countryCode: 'GB' },
    version: 1,
    lease: 0,
    createdAt: clock,
    updatedAt: clock,
  });
  return {
    carts,
    lists: createOrderLists({ db }),
    buyer,
    fill,
    mutation,
    pass: (ms: number) => (clock += ms),
    clear: () => carts.change(testContext(), mutation(), buyer, emptied),
    row: () => db.get(testContext(), orderTable, keys.cart(buyer)),
    /** The products that were bought; `meanwhile` happens between the reading of the cart and the order. */
    order: async (meanwhile: (round: number) => Promise<void> = async () => undefined) => {
      let rounds = 0;
      const { lines } = await orders.createFromCart(testContext(), mutation(), buyer, async (items) => {
        await meanwhile(++rounds);
        return orderOf(items);
      });
      return lines.map(({ productId }) => productId);
    },
  };
};
