import { newId, type Context } from '@plaza/core';
import { OrderState, type Order } from '@plaza/proto/plaza/order/v1/order_service';
import { asAdmin, asUser } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { actions, ADDRESS, buyerWith, CUP, LONG, money, refusal, SELLERS, startService, TEA, type Service } from './service.ts';

let service: Service;
beforeAll(async () => (service = await startService()));
afterAll(() => service.close());

const { create, read, untilState } = actions(() => service);
const [ANN, BOB] = SELLERS as [string, string];
const missing = { code: 'NOT_FOUND', reason: 'ORDER_NOT_FOUND', domain: 'plaza.order' };
const illegal = { code: 'FAILED_PRECONDITION', reason: 'ILLEGAL_TRANSITION' };

test('each seller sends its parcel, each arrives, and the order goes on with the last', { timeout: 60_000 }, async () => {
  const { buyer, orderId } = await bought();
  const label = { carrier: 'DHL', trackingNumber: 'T-1' };
  const requestId = newId();
  const first = await ship(asUser(ANN), { orderId, ...label, requestId });
  expect(first).toMatchObject({ state: OrderState.PAID, parcels: [{ sellerId: ANN, ...label, deliverTime: undefined }] });
  expect(await ship(asUser(ANN), { orderId, ...label, requestId })).toEqual(first);
  // Again with another number: the first stands.
  expect(await ship(asUser(ANN), { orderId, carrier: 'UPS', trackingNumber: 'T-2' })).toEqual(first);
  expect(await refusal(deliver(asUser(buyer), { orderId, sellerId: BOB }))).toMatchObject({
    ...illegal,
    metadata: { state: 'PAID', not_shipped: BOB },
  });
  expect((await deliver(asUser(buyer), { orderId })).state).toBe(OrderState.PAID);
  expect((await ship(asAdmin(), { orderId })).state).toBe(OrderState.SHIPPED);

  const delivered = await deliver(asUser(BOB), { orderId });
  expect(delivered.state).toBe(OrderState.DELIVERED);
  const again = await deliver(asUser(buyer), { orderId });
  expect(again).toMatchObject({ state: OrderState.DELIVERED, etag: delivered.etag });
  expect(Object.fromEntries(again.parcels.map(({ sellerId, carrier }) => [sellerId, carrier]))).toEqual({
    [ANN]: 'DHL',
    [BOB]: '',
  });
  expect(again.parcels.every(({ deliverTime }) => deliverTime !== undefined)).toBe(true);
});

test('an admin ships and delivers all parcels of an order, one after the other', { timeout: 60_000 }, async () => {
  const { buyer, orderId } = await bought();
  const before = await read(buyer, orderId);
  expect((await ship(asAdmin(), { orderId, carrier: 'DHL' })).state).toBe(OrderState.SHIPPED);
  const done = await deliver(asAdmin(), { orderId });
  expect(done.state).toBe(OrderState.DELIVERED);
  expect(Number(done.etag)).toBe(Number(before.etag) + 4);
});

test('a seller sees of an order what it sold, from PAID on; nobody else sees anything', { timeout: 60_000 }, async () => {
  const { buyer, orderId } = await bought();
  await ship(asUser(BOB), { orderId, carrier: 'DHL' });
  const seen = (await service.orders.getOrder(asUser(ANN), { orderId })).order!;
  expect(seen).toMatchObject({ orderId, userId: buyer, total: money(1400), parcels: [], shippingAddress: ADDRESS });
  expect(seen.lines.map(({ productId }) => productId)).toEqual([TEA]);
  expect((await service.orders.getOrder(asUser(BOB), { orderId })).order).toMatchObject({
    total: money(450),
    parcels: [{ sellerId: BOB }],
  });
  expect(await read(buyer, orderId)).toMatchObject({ total: money(1850), parcels: [{ sellerId: BOB }] });
  expect(await refusal(service.orders.getOrder(asUser(newId()), { orderId }))).toMatchObject(missing);

  service.ledger.available.set(TEA, 0);
  const { metadata } = await refusal(create(buyer, wishOf(buyer)));
  service.ledger.available.set(TEA, 1000);
  const failed = { orderId: metadata!['order_id']! };
  expect(await refusal(service.orders.getOrder(asUser(ANN), failed))).toMatchObject(missing);
  expect(await refusal(ship(asUser(ANN), failed))).toMatchObject(missing);
  expect(await refusal(ship(asAdmin(), failed))).toMatchObject({ ...illegal, metadata: { state: 'FAILED' } });
  expect(await refusal(deliver(asUser(buyer), failed))).toMatchObject({ ...illegal, metadata: { state: 'FAILED' } });
});

test('who has nothing to send finds no order', { timeout: 60_000 }, async () => {
  const { buyer, orderId } = await bought();
  for (const [ctx, sellerId] of [
    [asUser(newId()), ''],
    [asUser(buyer), ''],
    [asUser(buyer), ANN],
    [asUser(ANN), BOB],
    [asAdmin(), newId()],
  ] as const)
    expect(await refusal(ship(ctx, { orderId, sellerId }))).toMatchObject(missing);
  expect(await refusal(ship(asUser(ANN), { orderId: newId() }))).toMatchObject(missing);
  expect(await refusal(deliver(asUser(newId()), { orderId }))).toMatchObject(missing);
  expect(await refusal(ship(asUser(ANN), { orderId, sellerId: 'ann' }))).toMatchObject({
    reason: 'INVALID_FIELD',
    violations: [{ field: 'seller_id' }],
  });
});

test('sellers who ship at the same moment both have shipped', { timeout: 60_000 }, async () => {
  const { buyer, orderId } = await bought();
  await Promise.all([ANN, BOB, ANN, BOB].map((seller) => ship(asUser(seller, LONG), { orderId, carrier: 'DHL' })));
  expect((await untilState(buyer, orderId, OrderState.SHIPPED)).parcels).toHaveLength(2);
});

const wishOf = (userId: string) => ({
  userId,
  lines: [
    { productId: TEA, quantity: 2n },
    { productId: CUP, quantity: 1n },
  ],
  shippingAddress: ADDRESS,
  requestId: newId(),
});

/** Two teas of Ann and a cup of Bob, paid for. */
const bought = async () => {
  const buyer = buyerWith(service.ledger, 10_000);
  const { orderId } = await create(buyer, wishOf(buyer));
  await untilState(buyer, orderId, OrderState.PAID);
  return { buyer, orderId };
};

interface Legs {
  orderId: string;
  sellerId?: string;
  carrier?: string;
  trackingNumber?: string;
  requestId?: string;
}

const ship = async (ctx: Context, request: Legs): Promise<Order> =>
  (await service.orders.shipOrder(ctx, { requestId: newId(), ...request })).order!;

const deliver = async (ctx: Context, request: Legs): Promise<Order> =>
  (await service.orders.deliverOrder(ctx, { requestId: newId(), ...request })).order!;
