import { newId } from '@plaza/core';
import { OrderState } from '@plaza/proto/plaza/order/v1/order_service';
import { asUser } from '@plaza/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import {
  actions,
  buyerWith,
  CUP,
  LONG,
  money,
  OFFERS,
  refusal,
  startService,
  TEA,
  wish,
  wishOfCart,
  YEN,
  type Service,
} from './service.ts';

let service: Service;
beforeAll(async () => (service = await startService()));
afterEach(() => {
  service.offers.splice(0, service.offers.length, ...OFFERS);
});
afterAll(() => service.close());

const { create, read, untilState } = actions(() => service);

test('an order from the cart buys all of it and empties it, once', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 10_000);
  await add(buyer, TEA, 2n);
  await add(buyer, CUP, 1n);
  const request = { ...wishOfCart(buyer), expectedTotal: money(1850), sharePurchase: true, attributedPostId: newId() };
  const answers = await Promise.all(Array.from({ length: 3 }, () => create(buyer, request)));
  const order = await untilState(buyer, answers[0]!.orderId, OrderState.PAID);
  expect(order).toMatchObject({ total: money(1850), sharePurchase: true, attributedPostId: request.attributedPostId });
  expect(Object.fromEntries(order.lines.map(({ productId, quantity }) => [productId, quantity]))).toEqual({
    [TEA]: 2n,
    [CUP]: 1n,
  });
  expect(await service.rowsOf(`CART#${buyer}`)).toEqual([]);
  await add(buyer, CUP, 1n);
  expect(await create(buyer, request)).toEqual(order);
  expect(await contents(buyer)).toEqual([[CUP, 1n]]);
  expect(service.ledger.balance.get(buyer)).toBe(8150);
});

test('of several orders at once from one cart one has it; the others find it empty', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 10_000);
  await add(buyer, TEA, 1n);
  const results = await Promise.allSettled(Array.from({ length: 4 }, () => create(buyer, wishOfCart(buyer))));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  const empty = { reason: 'EMPTY_ORDER', details: { violations: [{ field: 'from_cart' }] } };
  expect(refusals).toMatchObject([empty, empty, empty]);
  expect((await service.orders.listOrders(asUser(buyer), { userId: buyer })).orders).toHaveLength(1);
});

test('a refused order leaves the cart; prices that moved are told with those of then', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 10_000);
  await add(buyer, TEA, 2n);
  await add(buyer, CUP, 1n);
  reprice(TEA, 800);
  const moved = await refusal(create(buyer, { ...wishOfCart(buyer), expectedTotal: money(1850) }));
  expect(moved).toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'PRICE_CHANGED',
    violations: [{ field: 'expected_total' }],
  });
  expect(moved.metadata).toEqual({
    currency: 'EUR',
    total: '2050',
    expected_total: '1850',
    [`new.${TEA}`]: '800',
    [`old.${TEA}`]: '700',
  });
  await add(buyer, YEN, 1n);
  expect(await refusal(create(buyer, wishOfCart(buyer)))).toMatchObject({
    reason: 'MIXED_CURRENCIES',
    violations: [{ field: 'from_cart' }],
  });
  service.offers.splice(0, 1);
  expect(await refusal(create(buyer, wishOfCart(buyer)))).toMatchObject({
    code: 'NOT_FOUND',
    reason: 'PRODUCT_NOT_FOUND',
    metadata: { product_ids: TEA },
  });
  expect(await contents(buyer)).toEqual([
    [TEA, 2n],
    [CUP, 1n],
    [YEN, 1n],
  ]);
  expect((await service.orders.listOrders(asUser(buyer), { userId: buyer })).orders).toEqual([]);
});

test('without an expected total a cart is bought at the prices of now', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 10_000);
  await add(buyer, TEA, 2n);
  reprice(TEA, 650);
  expect(await create(buyer, wishOfCart(buyer))).toMatchObject({ total: money(1300) });
});

test('an order that fails after it was accepted does not bring the cart back', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 0);
  await add(buyer, TEA, 1n);
  const refused = await refusal(create(buyer, wishOfCart(buyer)));
  expect(refused).toMatchObject({ reason: 'INSUFFICIENT_FUNDS', domain: 'plaza.user' });
  expect(await read(buyer, refused.metadata!['order_id']!)).toMatchObject({
    state: OrderState.FAILED,
    lines: [{ productId: TEA }],
  });
  expect(await contents(buyer)).toEqual([]);
});

test('nothing in the cart is nothing to order', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 10_000);
  expect(await refusal(create(buyer, wishOfCart(buyer)))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'EMPTY_ORDER' });
});

test(
  'a line that was shown another price is refused with both prices, also when there are 49 of the dearest',
  { timeout: 60_000 },
  async () => {
    const buyer = buyerWith(service.ledger, 10_000);
    const lines = [CUP, TEA].map((productId) => ({ productId, quantity: 1n, expectedUnitPrice: money(450) }));
    expect(await refusal(create(buyer, { ...wish(buyer, TEA, 1n), lines }))).toMatchObject({
      reason: 'PRICE_CHANGED',
      metadata: { currency: 'EUR', total: '1150', [`new.${TEA}`]: '700', [`old.${TEA}`]: '450' },
      violations: [{ field: 'lines[1]' }],
    });
    const many = Array.from({ length: 49 }, () => newId());
    // As long as prices get in one order: what is said of them all must fit the trailers.
    service.offers.push(
      ...many.map((productId) => ({ ...OFFERS[0]!, productId, price: { currency: 'EUR', minor: 20_000_000_000 } })),
    );
    const shown = many.map((productId) => ({
      productId,
      quantity: 1n,
      expectedUnitPrice: { currencyCode: 'EUR', units: 9_999_999_999n, nanos: 0 },
    }));
    const refused = await refusal(service.orders.createOrder(asUser(buyer, LONG), { ...wish(buyer, TEA, 1n), lines: shown }));
    expect(Object.keys(refused.metadata!)).toHaveLength(2 + 2 * 49);
    expect(refused.violations!.slice(0, 2).map(({ field }) => field)).toEqual(['lines[0]', 'lines[1]']);
  },
);

const add = (userId: string, productId: string, quantity: bigint) =>
  service.carts.addCartItem(asUser(userId, LONG), { userId, productId, quantity });
const contents = async (userId: string) =>
  (await service.carts.getCart(asUser(userId, LONG), { userId })).cart!.lines.map(({ item }) => [
    item!.productId,
    item!.quantity,
  ]);

/** From now on the catalogue says so. */
const reprice = (productId: string, minor: number) => {
  const at = service.offers.findIndex((offer) => offer.productId === productId);
  service.offers[at] = { ...service.offers[at]!, price: { currency: 'EUR', minor } };
};
