import { newId } from '@plaza/core';
import { asAdmin, asService, asUser, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  actions,
  ADDRESS,
  buyerWith,
  CUP,
  LONG,
  money,
  refusal,
  SELLERS,
  startService,
  TEA,
  wish,
  YEN,
  type Service,
} from './service.ts';

let service: Service;
beforeAll(async () => (service = await startService()));
afterAll(() => service.close());

const { create } = actions(() => service);

test('what the catalogue says decides: price, product, seller, currency', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 10_000);
  const order = (more: object) => refusal(service.orders.createOrder(asUser(buyer, LONG), { ...wish(buyer, TEA, 1n), ...more }));
  expect(await order({ expectedTotal: money(699) })).toMatchObject({
    reason: 'PRICE_CHANGED',
    domain: 'plaza.order',
    metadata: { total: '700', expected_total: '699', [`new.${TEA}`]: '700' },
  });
  const unknown = newId();
  expect(await order({ lines: [{ productId: unknown, quantity: 1n }] })).toMatchObject({
    code: 'NOT_FOUND',
    reason: 'PRODUCT_NOT_FOUND',
    metadata: { product_ids: unknown },
  });
  expect(await order({ lines: [] })).toMatchObject({ reason: 'EMPTY_ORDER' });
  const mixed = [TEA, YEN].map((productId) => ({ productId, quantity: 1n }));
  expect(await order({ lines: mixed })).toMatchObject({ reason: 'MIXED_CURRENCIES' });
  const seller = SELLERS[0]!;
  expect(await refusal(create(seller, wish(seller, TEA, 1n)))).toMatchObject({ reason: 'OWN_PRODUCT' });
});

test('bad input is refused by field, and never as INTERNAL', { timeout: 60_000 }, async () => {
  const buyer = newId();
  const violated = async (more: object) => {
    const { code, reason, violations } = await refusal(
      service.orders.createOrder(asUser(buyer, LONG), { ...wish(buyer, TEA, 1n), ...more }),
    );
    expect([code, reason]).toEqual(['INVALID_ARGUMENT', 'INVALID_FIELD']);
    return violations!.map(({ field }) => field);
  };
  expect(await violated({ lines: [{ productId: TEA, quantity: 0n }] })).toEqual(['lines[0].quantity']);
  expect(await violated({ lines: [{ productId: 'tea', quantity: 2n ** 62n }] })).toEqual([
    'lines[0].product_id',
    'lines[0].quantity',
  ]);
  expect(await violated({ lines: Array.from({ length: 50 }, () => ({ productId: TEA, quantity: 1n })) })).toEqual(['lines']);
  expect(await violated({ shippingAddress: undefined })).toEqual(['shipping_address']);
  expect(await violated({ shippingAddress: { ...ADDRESS, countryCode: 'gb' } })).toEqual(['shipping_address.country_code']);
  expect(await violated({ shippingAddress: { ...ADDRESS, countryCode: 'XX' } })).toEqual(['shipping_address.country_code']);
  const blank = { ...ADDRESS, name: ' ', lines: ['1 Row', '\t'], city: '\u2003' };
  expect(await violated({ shippingAddress: blank })).toEqual([
    'shipping_address.name',
    'shipping_address.lines[1]',
    'shipping_address.city',
  ]);
  expect(await violated({ attributedPostId: 'a post' })).toEqual(['attributed_post_id']);
  const price = { currencyCode: 'EUR', units: 1n, nanos: 1 };
  expect(await violated({ lines: [{ productId: TEA, quantity: 1n, expectedUnitPrice: price }] })).toEqual([
    'lines[0].expected_unit_price',
  ]);
  expect(await violated({ fromCart: true })).toEqual(['from_cart']);
  expect(await violated({ requestId: 'mine' })).toEqual(['request_id']);
  expect(await violated({ expectedTotal: { currencyCode: 'XXX', units: 1n, nanos: 0 } })).toEqual(['expected_total']);
  expect(await violated({ expectedTotal: { currencyCode: 'EUR', units: 1n, nanos: 1 } })).toEqual(['expected_total']);
});

test('an order is its buyer’s: others see nothing, admins all, and nobody orders for another', { timeout: 60_000 }, async () => {
  const [buyer, other] = [buyerWith(service.ledger, 10_000), newId()];
  const { orderId } = await create(buyer, wish(buyer, TEA, 1n));
  const { orders } = service;
  const missing = { code: 'NOT_FOUND', reason: 'ORDER_NOT_FOUND', domain: 'plaza.order' };
  expect(await refusal(orders.getOrder(asUser(other), { orderId }))).toMatchObject(missing);
  expect(await refusal(orders.cancelOrder(asUser(other), { orderId }))).toMatchObject(missing);
  expect(await refusal(orders.getOrder(asUser(buyer), { orderId: newId() }))).toMatchObject(missing);
  expect((await orders.getOrder(asAdmin(), { orderId })).order).toMatchObject({ orderId, userId: buyer });
  expect((await orders.listOrders(asAdmin(), { userId: buyer })).orders).toHaveLength(1);
  const denied = { code: 'PERMISSION_DENIED', reason: 'POLICY_DENIED' };
  expect(await refusal(orders.createOrder(asUser(other), wish(buyer, TEA, 1n)))).toMatchObject(denied);
  expect(await refusal(orders.listOrders(asUser(other), { userId: buyer }))).toMatchObject(denied);
  expect(await refusal(orders.getOrder(asService('feed', buyer), { orderId }))).toMatchObject(denied);
  expect(await refusal(orders.getOrder(testContext(), { orderId }))).toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('orders are listed newest first, page by page, with tokens good for this caller only', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 100_000);
  const made: string[] = [];
  for (let n = 0; n < 5; n++) made.unshift((await create(buyer, wish(buyer, CUP, 1n))).orderId);
  const list = (pageToken: string, caller = asUser(buyer)) =>
    service.orders.listOrders(caller, { userId: buyer, pageSize: 2, pageToken });
  const seen: string[] = [];
  let token = '';
  do {
    const page = await list(token);
    seen.push(...page.orders.map(({ orderId }) => orderId));
    token = page.nextPageToken;
  } while (token !== '');
  expect(seen).toEqual(made);
  const { nextPageToken } = await list('');
  const invalid = { code: 'INVALID_ARGUMENT', reason: 'PAGE_TOKEN_INVALID' };
  expect(await refusal(list(nextPageToken, asAdmin()))).toMatchObject(invalid);
  expect(await refusal(list(`${nextPageToken.slice(0, -2)}AA`))).toMatchObject(invalid);
  expect(await refusal(service.orders.listOrders(asUser(buyer), { userId: buyer, pageSize: 101 }))).toMatchObject({
    reason: 'INVALID_FIELD',
  });
});
