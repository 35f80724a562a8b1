import { newId } from '@plaza/core';
import { OrderState } from '@plaza/proto/plaza/order/v1/order_service';
import { eventually } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { replyLoser } from '../src/lost-replies.ts';
import { euros, startWorld, type World } from '../src/world.ts';

// As replies.test.ts: the work is done and its reply is lost, once.
let world: World;
let losingTheReply: ReturnType<typeof replyLoser>;
beforeAll(async () => {
  world = await startWorld({ services: ['user', 'product', 'order'], proxies: ['user', 'order'] });
  losingTheReply = replyLoser(world);
});
afterAll(() => world?.close());

test('ShipOrder and DeliverOrder: one parcel, one arrival', async () => {
  const { buyer, sellerId, orderId } = await bought();
  const { orders } = world.plaza.clients;
  const [ship, deliver] = [newId(), newId()];
  const parcel = { orderId, carrier: 'DHL', requestId: ship };
  await losingTheReply('order', ship, () => orders.shipOrder(world.plaza.asUser(sellerId), parcel));
  const { order } = await losingTheReply('order', deliver, () =>
    orders.deliverOrder(world.plaza.asUser(buyer), { orderId, requestId: deliver }),
  );
  expect(order).toMatchObject({ state: OrderState.DELIVERED, etag: '5', parcels: [{ carrier: 'DHL' }] });
});

test('RefundOrder: the money goes back once', async () => {
  const { buyer, sellerId, orderId } = await bought();
  const requestId = newId();
  const wish = { orderId, lines: [], note: '', requestId };
  const { order } = await losingTheReply('order', requestId, () =>
    world.plaza.clients.orders.refundOrder(world.plaza.asUser(sellerId), wish),
  );
  expect(order).toMatchObject({ state: OrderState.REFUNDED, refunded: euros(10), etag: '5' });
  expect((await world.wallet(buyer)).balance).toBe(5_000n);
  expect((await world.wallet(sellerId)).balance).toBe(0n);
});

test('RefundHold: applies once', async () => {
  const { sellerId, orderId, buyer } = await bought();
  const ctx = () => ({ ...world.plaza.asAdmin(10_000), caller: { kind: 'service', service: 'order' } as const });
  const requestId = newId();
  const request = { orderId, refundId: newId(), parts: [{ userId: sellerId, amount: euros(4) }], requestId };
  await losingTheReply('user', requestId, () => world.plaza.clients.wallets.refundHold(ctx(), request));
  expect((await world.wallet(buyer)).balance).toBe(4_400n);
  expect((await world.wallet(sellerId)).balance).toBe(600n);
});

/** One of three for ten of fifty euros; the seller has its money. */
const bought = async () => {
  const buyer = await world.person();
  const { sellerId, productId } = await world.shelf(3, 10);
  await world.fund(buyer, 50);
  const { orderId } = await world.order(buyer, productId);
  await eventually(async () => expect((await world.wallet(sellerId)).balance).toBe(1_000n));
  return { buyer, sellerId, productId, orderId };
};
