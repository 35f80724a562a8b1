import { isAppError, newId } from '@plaza/core';
import { asAdmin, asUser } from '@plaza/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { peerAway } from './peers.ts';
import { CUP, LONG, money, OFFERS, refusal, SELLERS, startService, TEA, YEN, type Service } from './service.ts';

let service: Service;
beforeAll(async () => (service = await startService()));
afterEach(() => {
  service.route();
  service.offers.splice(0, service.offers.length, ...OFFERS);
});
afterAll(() => service.close());

test('what is added comes together in one cart, shown at the prices of now', { timeout: 60_000 }, async () => {
  const buyer = newId();
  const first = await add(buyer, TEA, 2n);
  expect(first).toMatchObject({ productId: TEA, quantity: 2n, priceWhenAdded: money(700) });
  await add(buyer, CUP, 1n);
  await add(buyer, YEN, 3n);
  expect(await add(buyer, TEA, 1n)).toEqual({ ...first, quantity: 3n });
  reprice(TEA, 650);
  const cart = await cartOf(buyer);
  expect(
    cart.lines.map(({ item, name, sellerId, gone, available, unitPrice, lineTotal }) => [
      [item!.productId, item!.quantity, item!.priceWhenAdded],
      [name, sellerId, gone, available],
      [unitPrice, lineTotal],
    ]),
  ).toEqual([
    [
      [TEA, 3n, money(700)],
      ['tea', SELLERS[0], false, 1000n],
      [money(650), money(1950)],
    ],
    [
      [CUP, 1n, money(450)],
      ['cup', SELLERS[1], false, 1000n],
      [money(450), money(450)],
    ],
    [
      [YEN, 3n, yen(5)],
      ['yen', SELLERS[0], false, 5n],
      [yen(5), yen(15)],
    ],
  ]);
  expect(cart.totals).toEqual([money(2400), yen(15)]);
  const days = (cart.expireTime!.getTime() - Date.now()) / 86_400_000;
  expect(days).toBeCloseTo(30, 1);
});

test('quantities are set, items removed; the last one takes the row with it', { timeout: 60_000 }, async () => {
  const buyer = newId();
  await add(buyer, TEA, 2n);
  await add(buyer, CUP, 1n);
  reprice(TEA, 650);
  const { item } = await service.carts.updateCartItem(asUser(buyer), { userId: buyer, productId: TEA, quantity: 9n });
  expect(item).toMatchObject({ quantity: 9n, priceWhenAdded: money(650) });
  await remove(buyer, TEA);
  await remove(buyer, TEA);
  expect(await contents(buyer)).toEqual([[CUP, 1n]]);
  await remove(buyer, CUP);
  expect(await service.rowsOf(`CART#${buyer}`)).toEqual([]);
  expect(await cartOf(buyer)).toMatchObject({ userId: buyer, lines: [], totals: [], expireTime: undefined });
  const missing = service.carts.updateCartItem(asUser(buyer), { userId: buyer, productId: TEA, quantity: 1n });
  expect(await refusal(missing)).toMatchObject({
    code: 'NOT_FOUND',
    reason: 'CART_ITEM_NOT_FOUND',
    metadata: { product_id: TEA },
  });
});

test('a product that is gone stays in the cart, marked, and counts in no total', { timeout: 60_000 }, async () => {
  const buyer = newId();
  await add(buyer, TEA, 2n);
  await add(buyer, CUP, 1n);
  take(TEA);
  const cart = await cartOf(buyer);
  expect(cart.lines.map(({ item, gone, unitPrice, lineTotal }) => [item!.productId, gone, unitPrice, lineTotal])).toEqual([
    [TEA, true, undefined, undefined],
    [CUP, false, money(450), money(450)],
  ]);
  expect(cart.totals).toEqual([money(450)]);
  const update = service.carts.updateCartItem(asUser(buyer), { userId: buyer, productId: TEA, quantity: 1n });
  expect(await refusal(update)).toMatchObject({ reason: 'PRODUCT_NOT_FOUND', violations: [{ field: 'product_id' }] });
});

test('what cannot be bought is not taken in', { timeout: 60_000 }, async () => {
  const buyer = newId();
  expect(await refusal(add(buyer, newId(), 1n))).toMatchObject({
    code: 'NOT_FOUND',
    reason: 'PRODUCT_NOT_FOUND',
    domain: 'plaza.order',
  });
  expect(await refusal(add(SELLERS[0]!, TEA, 1n))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'OWN_PRODUCT' });
  for (const quantity of [0n, -1n, 1_000_001n])
    expect(await refusal(add(buyer, TEA, quantity))).toMatchObject({
      reason: 'INVALID_FIELD',
      violations: [{ field: 'quantity' }],
    });
  await add(buyer, TEA, 1_000_000n);
  expect(await refusal(add(buyer, TEA, 1n))).toMatchObject({ code: 'INVALID_ARGUMENT', violations: [{ field: 'quantity' }] });
  expect(await contents(buyer)).toEqual([[TEA, 1_000_000n]]);
});

test('49 different products fit, and the 50th is refused', { timeout: 60_000 }, async () => {
  const buyer = newId();
  const ids = Array.from({ length: 50 }, () => newId());
  service.offers.push(...ids.map((productId) => ({ ...OFFERS[0]!, productId })));
  for (const productId of ids.slice(1)) await add(buyer, productId, 1n);
  expect(await refusal(add(buyer, ids[0]!, 1n))).toMatchObject({ reason: 'CART_FULL', metadata: { limit: '49' } });
  expect(await contents(buyer)).toHaveLength(49);
  await service.carts.clearCart(asUser(buyer), { userId: buyer });
  await service.carts.clearCart(asUser(buyer), { userId: buyer });
  expect(await contents(buyer)).toEqual([]);
});

test(
  'one request changes the cart once, however often it is sent, also when its product is gone meanwhile',
  { timeout: 60_000 },
  async () => {
    const buyer = newId();
    const request = { userId: buyer, productId: TEA, quantity: 2n, requestId: newId() };
    const answers = await Promise.all(Array.from({ length: 4 }, () => service.carts.addCartItem(asUser(buyer, LONG), request)));
    take(TEA);
    answers.push(await service.carts.addCartItem(asUser(buyer), request));
    expect(new Set(answers.map(({ item }) => item!.quantity))).toEqual(new Set([2n]));
    expect(await contents(buyer)).toEqual([[TEA, 2n]]);
    const other = { ...request, quantity: 3n };
    expect(await refusal(service.carts.addCartItem(asUser(buyer), other))).toMatchObject({ reason: 'REQUEST_ID_REUSED' });
  },
);

test('many hands at one cart lose nothing', { timeout: 60_000 }, async () => {
  const buyer = newId();
  await Promise.all([TEA, CUP, YEN, TEA, CUP, TEA].map((productId) => add(buyer, productId, 1n)));
  expect(Object.fromEntries(await contents(buyer))).toEqual({ [TEA]: 3n, [CUP]: 2n, [YEN]: 1n });
});

test('without the product service the cart can be emptied, but not shown', { timeout: 60_000 }, async () => {
  const buyer = newId();
  await add(buyer, TEA, 2n);
  service.route(async () => {
    throw peerAway();
  });
  const shown = await service.carts.getCart(asUser(buyer, 500), { userId: buyer }).catch((error: unknown) => error);
  expect(isAppError(shown) && shown.code).toMatch(/UNAVAILABLE|DEADLINE_EXCEEDED/);
  await service.carts.clearCart(asUser(buyer), { userId: buyer });
  expect(await contents(buyer)).toEqual([]);
});

const yen = (minor: number) => ({ currencyCode: 'JPY', units: BigInt(minor), nanos: 0 });

const add = async (userId: string, productId: string, quantity: bigint) =>
  (await service.carts.addCartItem(asUser(userId, LONG), { userId, productId, quantity })).item!;
const remove = (userId: string, productId: string) => service.carts.removeCartItem(asUser(userId), { userId, productId });
const cartOf = async (userId: string) => (await service.carts.getCart(asAdmin(), { userId })).cart!;
const contents = async (userId: string) =>
  (await cartOf(userId)).lines.map(({ item }) => [item!.productId, item!.quantity] as const);

/** From now on the catalogue says so. */
const reprice = (productId: string, minor: number) => {
  const at = service.offers.findIndex((offer) => offer.productId === productId);
  service.offers[at] = { ...service.offers[at]!, price: { currency: 'EUR', minor } };
};
const take = (productId: string) => {
  service.offers.splice(
    service.offers.findIndex((offer) => offer.productId === productId),
    1,
  );
};
