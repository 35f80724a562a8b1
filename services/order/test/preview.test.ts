import { newId } from '@plaza/core';
import { userErasureRequested } from '@plaza/events';
import { OrderState } from '@plaza/proto/plaza/order/v1/order_service';
import { asUser, eventually } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  actions,
  buyerWith,
  LAST,
  LONG,
  money,
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
afterAll(() => service.close());

const { create } = actions(() => service);
const preview = (buyer: string, request: Parameters<typeof create>[1]) => create(buyer, { ...request, validateOnly: true });

test('a preview is the order as it would be, and leaves nothing behind', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 10_000);
  const request = { ...wish(buyer, TEA, 2n), expectedTotal: money(1400), sharePurchase: true };
  const shown = await preview(buyer, request);
  expect(shown).toMatchObject({ orderId: '', etag: '', createTime: undefined, state: OrderState.PENDING, total: money(1400) });
  expect(await service.rowsOf(`U#${buyer}`)).toEqual([]);
  expect(await service.rowsOf(`RQ#user:${buyer}#plaza.order.v1.OrderService/CreateOrder#${request.requestId}`)).toEqual([]);
  expect(service.ledger.reservations.size + service.ledger.holds.size).toBe(0);
  const { lines, total, sharePurchase, shippingAddress } = await create(buyer, request);
  expect({ lines, total, sharePurchase, shippingAddress }).toEqual({
    lines: shown.lines,
    total: shown.total,
    sharePurchase: shown.sharePurchase,
    shippingAddress: shown.shippingAddress,
  });
});

test('a preview of the cart leaves it full', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 10_000);
  expect(await refusal(preview(buyer, wishOfCart(buyer)))).toMatchObject({ reason: 'EMPTY_ORDER' });
  await service.carts.addCartItem(asUser(buyer), { userId: buyer, productId: TEA, quantity: 2n });
  expect(await preview(buyer, wishOfCart(buyer))).toMatchObject({ orderId: '', total: money(1400), lines: [{ productId: TEA }] });
  expect((await service.carts.getCart(asUser(buyer), { userId: buyer })).cart!.lines).toHaveLength(1);
});

test('it refuses what the order would be refused: prices, then stock, then money', { timeout: 60_000 }, async () => {
  const poor = buyerWith(service.ledger, 500);
  const dear = { ...wish(poor, LAST, 9n), expectedTotal: money(899) };
  expect(await refusal(preview(poor, dear))).toMatchObject({ reason: 'PRICE_CHANGED', domain: 'plaza.order' });
  expect(await refusal(preview(poor, wish(poor, LAST, 9n)))).toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'INSUFFICIENT_STOCK',
    domain: 'plaza.product',
    metadata: { [LAST]: '1' },
  });
  expect(await refusal(preview(poor, wish(poor, TEA, 1n)))).toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'INSUFFICIENT_FUNDS',
    domain: 'plaza.user',
    metadata: { available: '500', asked: '700' },
  });
  expect(await refusal(preview(poor, wish(poor, YEN, 1n)))).toMatchObject({ reason: 'AMOUNT_INVALID', domain: 'plaza.user' });
  expect(await preview(poor, wish(poor, LAST, 1n))).toMatchObject({ total: money(100) });
});

test('an erased buyer is told so', { timeout: 60_000 }, async () => {
  const buyer = newId();
  await service.userEvents.publish(userErasureRequested, { userId: buyer, deleteTime: new Date(Date.now() - 60_000) });
  await eventually(async () => expect(await service.rowsOf(`ERASED#${buyer}`)).toHaveLength(1), { timeoutMs: LONG });
  expect(await refusal(preview(buyer, wish(buyer, TEA, 1n)))).toMatchObject({ reason: 'USER_NOT_FOUND', domain: 'plaza.order' });
});
