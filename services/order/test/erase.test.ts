import { newId } from '@plaza/core';
import { userErasureRequested } from '@plaza/events';
import { OrderState } from '@plaza/proto/plaza/order/v1/order_service';
import { asAdmin, asUser, eventually } from '@plaza/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { peerAway } from './peers.ts';
import { actions, buyerWith, LONG, refusal, startService, TEA, wish, type Service } from './service.ts';

let service: Service;
beforeAll(async () => (service = await startService()));
afterEach(() => service.route());
afterAll(() => service.close());

const { create, untilBooked } = actions(() => service);

test('an erased buyer leaves orders without an address; delivered again, nothing more happens', { timeout: 60_000 }, async () => {
  const [buyer, other] = [buyerWith(service.ledger, 10_000), buyerWith(service.ledger, 10_000)];
  const bought = [await create(buyer, wish(buyer, TEA, 1n)), await create(buyer, wish(buyer, TEA, 2n))];
  const kept = await create(other, wish(other, TEA, 1n));
  await service.carts.addCartItem(asUser(buyer), { userId: buyer, productId: TEA, quantity: 1n });
  const event = await erase(buyer);
  const [report] = await reportsOf(buyer, 1);
  const counts = [
    { kind: 'addresses', count: 2n },
    { kind: 'carts', count: 1n },
  ];
  expect(report).toMatchObject({ erased: counts });
  const { cart } = await service.carts.getCart(asAdmin(), { userId: buyer });
  expect(cart).toMatchObject({ lines: [] });
  expect(report!.kept.join()).toContain('orders without their addresses');
  const blank = { name: '', lines: [], postalCode: '', city: '', countryCode: '' };
  const seen = async () =>
    (await service.orders.listOrders(asAdmin(), { userId: buyer })).orders.map(({ orderId, shippingAddress, total }) => ({
      orderId,
      shippingAddress,
      total,
    }));
  const expected = bought.toReversed().map(({ orderId, total }) => ({ orderId, total, shippingAddress: blank }));
  expect(await seen()).toEqual(expected);
  await service.userEvents.replay(event);
  expect((await reportsOf(buyer, 2))[1]).toEqual(report);
  expect(await seen()).toEqual(expected);
  const { order } = await service.orders.getOrder(asAdmin(), { orderId: kept.orderId });
  expect(order!.shippingAddress!.name).toBe('Ada');
});

test('after that nobody orders for the buyer, an admin neither', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 10_000);
  await erase(buyer);
  await reportsOf(buyer, 1);
  for (const caller of [asUser(buyer, LONG), asAdmin()])
    expect(await refusal(service.orders.createOrder(caller, wish(buyer, TEA, 1n)))).toMatchObject({
      code: 'NOT_FOUND',
      reason: 'USER_NOT_FOUND',
      metadata: { user_id: buyer },
    });
  const item = { userId: buyer, productId: TEA, quantity: 1n };
  expect(await refusal(service.carts.addCartItem(asAdmin(), item))).toMatchObject({ reason: 'USER_NOT_FOUND' });
  expect((await service.orders.listOrders(asAdmin(), { userId: buyer })).orders).toEqual([]);
});

test('an order in flight settles after its buyer was erased', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 10_000);
  service.route(async (name, effect) => {
    if (name === 'CaptureHold') throw peerAway();
    return effect();
  });
  const { orderId, state } = await create(buyer, wish(buyer, TEA, 1n));
  expect(state).toBe(OrderState.PAID);
  await erase(buyer);
  await reportsOf(buyer, 1);
  service.route();
  await untilBooked(orderId, 'COMMITTED', 'CAPTURED');
  const { order } = await service.orders.getOrder(asAdmin(), { orderId });
  expect(order).toMatchObject({ state: OrderState.PAID, shippingAddress: { name: '', lines: [] } });
});

test('a report that does not get through is repeated', { timeout: 60_000 }, async () => {
  const buyer = newId();
  let lost = 0;
  service.route(async (name, effect) => {
    if (name === 'ReportErasure' && lost++ < 5) throw peerAway();
    return effect();
  });
  await erase(buyer);
  expect(await reportsOf(buyer, 1)).toMatchObject([{ erased: [{ count: 0n }, { count: 0n }] }]);
});

const erase = (userId: string) =>
  service.userEvents.publish(userErasureRequested, { userId, deleteTime: new Date(Date.now() - 60_000) });

const reportsOf = (userId: string, count: number) =>
  eventually(
    () => {
      const reports = service.reports.filter((report) => report.userId === userId);
      expect(reports).toHaveLength(count);
      return reports;
    },
    { timeoutMs: LONG },
  );
