import { AppError, newId } from '@plaza/core';
import { OrderState } from '@plaza/proto/plaza/order/v1/order_service';
import { asUser, eventually } from '@plaza/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { peerAway, type Wire } from './peers.ts';
import { actions, buyerWith, LONG, refusal, startService, TEA, wish, type Service } from './service.ts';

let service: Service;
beforeAll(async () => (service = await startService()));
afterEach(() => service.route());
afterAll(() => service.close());

const { create, untilState, untilBooked } = actions(() => service);

test('an open order can be cancelled, twice; what comes late is given back', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 10_000);
  const { held, letGo } = holdUp();
  const slow: Wire = async (name, effect) => {
    if (name === 'PlaceHold') await held;
    return effect();
  };
  service.route(slow);
  const creating = service.orders.createOrder(asUser(buyer, LONG), wish(buyer, TEA, 1n));
  const orderId = await eventually(async () => {
    const [first] = (await service.orders.listOrders(asUser(buyer), { userId: buyer })).orders;
    expect(first?.state).toBe(OrderState.RESERVED);
    return first!.orderId;
  });
  const cancel = (requestId: string) => service.orders.cancelOrder(asUser(buyer, LONG), { orderId, requestId });
  const requestId = newId();
  expect((await cancel(requestId)).order!.state).toBe(OrderState.CANCELLED);
  expect((await cancel(requestId)).order!.state).toBe(OrderState.CANCELLED);
  expect((await cancel(newId())).order!.state).toBe(OrderState.CANCELLED);
  letGo();
  service.route();
  expect((await creating).order!.state).toBe(OrderState.CANCELLED);
  await untilBooked(orderId, 'RELEASED', 'RELEASED');
  expect(service.ledger.balance.get(buyer)).toBe(10_000);
  const other = { orderId: newId(), requestId };
  expect(await refusal(service.orders.cancelOrder(asUser(buyer), other))).toMatchObject({ reason: 'ORDER_NOT_FOUND' });
});

test('a paid order can no longer be cancelled', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 10_000);
  const { orderId } = await create(buyer, wish(buyer, TEA, 1n));
  await untilState(buyer, orderId, OrderState.PAID);
  expect(await refusal(service.orders.cancelOrder(asUser(buyer, LONG), { orderId, requestId: newId() }))).toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'ILLEGAL_TRANSITION',
    metadata: { state: 'PAID' },
  });
});

test.each(['ReserveStock', 'PlaceHold', 'CommitReservation', 'CaptureHold'])(
  'while %s goes unanswered the order stands, and it is paid once the peer is back',
  { timeout: 60_000 },
  async (broken) => {
    const buyer = buyerWith(service.ledger, 10_000);
    let lost = 0;
    const away: Wire = async (name, effect) => {
      if (name !== broken) return effect();
      // Every second time it did what it was asked, and only the answer is lost.
      if (lost++ % 2 === 1) effect();
      throw peerAway();
    };
    service.route(away);
    const order = await create(buyer, wish(buyer, TEA, 1n));
    expect(order.state).toBe({ ReserveStock: OrderState.PENDING, CaptureHold: OrderState.PAID }[broken] ?? OrderState.RESERVED);
    await eventually(() => expect(lost).toBeGreaterThan(1), { timeoutMs: LONG });
    service.route();
    await untilBooked(order.orderId, 'COMMITTED', 'CAPTURED');
    expect((await untilState(buyer, order.orderId, OrderState.PAID)).orderId).toBe(order.orderId);
    expect(service.ledger.balance.get(buyer)).toBe(9300);
  },
);

test('a product that is too busy is asked again, and the order is paid', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 10_000);
  let asked = 0;
  service.route(async (name, effect) => {
    if (name === 'ReserveStock' && ++asked < 3)
      throw new AppError('RESOURCE_EXHAUSTED', 'PRODUCT_BUSY', 'too many', { domain: 'plaza.product', retryAfterMs: 250 });
    return effect();
  });
  const order = await create(buyer, wish(buyer, TEA, 1n));
  await untilState(buyer, order.orderId, OrderState.PAID);
  expect(asked).toBe(3);
});

test('an order whose reservation ran out before it came for it fails with that reason, and gets its money back', async () => {
  const buyer = buyerWith(service.ledger, 10_000);
  service.route(async (name, effect) => {
    if (name === 'CommitReservation') service.ledger.expire();
    return effect();
  });
  const refused = await refusal(create(buyer, wish(buyer, TEA, 1n)));
  expect(refused).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'RESERVATION_EXPIRED', domain: 'plaza.product' });
  await untilBooked(refused.metadata!['order_id']!, 'EXPIRED', 'RELEASED');
  expect(service.ledger.balance.get(buyer)).toBe(10_000);
});

test('who cannot wait is answered with the order as it is, and it goes on without them', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 10_000);
  const { held, letGo } = holdUp();
  service.route(async (name, effect) => {
    if (name === 'ReserveStock') await held;
    return effect();
  });
  const request = wish(buyer, TEA, 1n);
  // The answer leaves a tenth of a second before the deadline, which a busy machine may miss: then the same request is sent again.
  const { order } = await eventually(() => service.orders.createOrder(asUser(buyer, 2000), request), { timeoutMs: LONG });
  expect(order!.state).toBe(OrderState.PENDING);
  letGo();
  await untilState(buyer, order!.orderId, OrderState.PAID);
});

const holdUp = () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { held: promise, letGo: resolve };
};
