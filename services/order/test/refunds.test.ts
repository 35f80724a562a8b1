import { newId, type Context } from '@plaza/core';
import { OrderState, type Order } from '@plaza/proto/plaza/order/v1/order_service';
import { asAdmin, asUser, eventually } from '@plaza/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { peerAway } from './peers.ts';
import { actions, ADDRESS, buyerWith, CUP, LONG, money, refusal, SELLERS, startService, TEA, type Service } from './service.ts';

let service: Service;
beforeAll(async () => (service = await startService()));
afterEach(() => service.route());
afterAll(() => service.close());

const { create, read, untilState, untilBooked } = actions(() => service);
const [ANN, BOB] = SELLERS as [string, string];

test('an order that was not sent is refunded as a whole, and its units are sold to others', { timeout: 60_000 }, async () => {
  const { buyer, orderId } = await bought();
  const stock = service.ledger.available.get(TEA)!;
  const requestId = newId();
  const refunded = await refund(asAdmin(LONG), { orderId, note: 'sorry', requestId });
  expect(refunded).toMatchObject({ state: OrderState.REFUNDED, refunded: money(1850) });
  expect(await refund(asAdmin(LONG), { orderId, note: 'sorry', requestId })).toEqual(refunded);
  expect(service.ledger.balance.get(buyer)).toBe(10_000);
  expect(service.ledger.available.get(TEA)).toBe(stock + 2);
  await untilBooked(orderId, 'RELEASED', 'CAPTURED');
  expect(await refusal(refund(asAdmin(LONG), { orderId }))).toMatchObject({
    reason: 'ILLEGAL_TRANSITION',
    metadata: { state: 'REFUNDED' },
  });
});

test('a seller refunds its own lines, in parts; what remains is shipped', { timeout: 60_000 }, async () => {
  const { buyer, orderId } = await bought();
  const one = [{ productId: TEA, quantity: 1n }];
  const requestId = newId();
  const first = await refund(asUser(ANN, LONG), { orderId, lines: one, requestId });
  // Ann sees her own lines only.
  expect(first).toMatchObject({ state: OrderState.PAID, refunded: money(700), total: money(1400) });
  expect(first.lines).toMatchObject([{ productId: TEA, refundedQuantity: 1n }]);
  await refund(asUser(ANN, LONG), { orderId, lines: one, requestId });
  expect((await read(buyer, orderId)).refunded).toEqual(money(700));

  const tooLarge = await refusal(
    refund(asUser(ANN, LONG), { orderId, lines: [...one, { productId: CUP, quantity: 1n }, ...one] }),
  );
  expect(tooLarge).toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'REFUND_TOO_LARGE',
    metadata: { product_id: CUP, left: '0' },
    violations: [{ field: 'lines[1].product_id' }, { field: 'lines[2].quantity' }],
  });
  await refund(asUser(ANN, LONG), { orderId });
  // Ann owes nothing any more, so that Bob's parcel is all there is to send.
  const shipped = await service.orders.shipOrder(asUser(BOB, LONG), { orderId, requestId: newId() });
  expect(shipped.order!.state).toBe(OrderState.SHIPPED);
  const last = await refund(asUser(BOB, LONG), { orderId });
  expect(last.state).toBe(OrderState.REFUNDED);
  expect(service.ledger.balance.get(buyer)).toBe(10_000);
  // Part by part nothing went back into stock.
  await untilBooked(orderId, 'COMMITTED', 'CAPTURED');
});

test('strangers and the buyer find no order to refund', { timeout: 60_000 }, async () => {
  const { buyer, orderId } = await bought();
  for (const ctx of [asUser(newId()), asUser(buyer)])
    expect(await refusal(refund(ctx, { orderId }))).toMatchObject({ code: 'NOT_FOUND', reason: 'ORDER_NOT_FOUND' });
});

test('a seller without the money is told so by the wallet, each time, and the order stands', { timeout: 60_000 }, async () => {
  const { buyer, orderId } = await bought();
  const wealth = service.ledger.balance.get(BOB)!;
  service.ledger.balance.set(BOB, 10);
  const short = {
    code: 'FAILED_PRECONDITION',
    reason: 'INSUFFICIENT_FUNDS',
    domain: 'plaza.user',
    metadata: { user_id: BOB, order_id: orderId },
  };
  const requestId = newId();
  expect(await refusal(refund(asAdmin(LONG), { orderId, requestId }))).toMatchObject(short);
  service.ledger.balance.set(BOB, wealth);
  expect(await refusal(refund(asAdmin(LONG), { orderId, requestId }))).toMatchObject(short);
  expect(await read(buyer, orderId)).toMatchObject({ state: OrderState.PAID, refunded: money(0) });
  // The buyer reads why, and nothing of what is in the seller's wallet.
  const { events } = await service.orders.listOrderEvents(asUser(buyer), { orderId });
  const { failure } = events.at(-1)!;
  expect(failure).toMatchObject({ reason: 'INSUFFICIENT_FUNDS', domain: 'plaza.user', metadata: {} });
  expect(Object.keys(failure!.metadata)).toEqual([]);
  expect((await refund(asAdmin(LONG), { orderId })).state).toBe(OrderState.REFUNDED);
});

test.each(['RefundHold', 'ReleaseReservation'])(
  'while %s goes unanswered the refund is pending, another is turned away, and it ends once the peer is back',
  { timeout: 60_000 },
  async (broken) => {
    const { buyer, orderId } = await bought();
    let lost = 0;
    service.route(async (name, effect) => {
      if (name !== broken) return effect();
      // Every second time it did what it was asked, and only the answer is lost.
      if (lost++ % 2 === 1) effect();
      throw peerAway();
    });
    const requestId = newId();
    expect((await refund(asAdmin(2000), { orderId, requestId })).state).toBe(OrderState.PAID);
    const pending = { code: 'ABORTED', reason: 'REFUND_PENDING' };
    const { impatient } = service;
    expect(await refusal(impatient.refundOrder(asUser(ANN), { orderId, requestId: newId() }))).toMatchObject(pending);
    expect(await refusal(impatient.shipOrder(asUser(BOB), { orderId, requestId: newId() }))).toMatchObject(pending);
    await eventually(() => expect(lost).toBeGreaterThan(1), { timeoutMs: LONG });
    service.route();
    expect((await refund(asAdmin(LONG), { orderId, requestId })).state).toBe(OrderState.REFUNDED);
    await untilState(buyer, orderId, OrderState.REFUNDED);
    expect(service.ledger.balance.get(buyer)).toBe(10_000);
    await untilBooked(orderId, 'RELEASED', 'CAPTURED');
  },
);

test('a refund that is asked for before the sellers are paid waits for that', { timeout: 60_000 }, async () => {
  let away = true;
  service.route(async (name, effect) => {
    if (name === 'CaptureHold' && away) throw peerAway();
    return effect();
  });
  const { buyer, orderId } = await bought('HELD');
  expect((await refund(asAdmin(1500), { orderId })).state).toBe(OrderState.PAID);
  away = false;
  await untilState(buyer, orderId, OrderState.REFUNDED);
  expect(service.ledger.balance.get(buyer)).toBe(10_000);
});

test('refunds that race take back each unit once', { timeout: 60_000 }, async () => {
  const { buyer, orderId } = await bought();
  const lines = [{ productId: TEA, quantity: 1n }];
  const ends = await Promise.all(
    Array.from({ length: 4 }, () =>
      refund(asUser(ANN, LONG), { orderId, lines }).then(
        () => 'ok',
        () => 'refused',
      ),
    ),
  );
  expect(ends.toSorted()).toEqual(['ok', 'ok', 'refused', 'refused']);
  expect((await read(buyer, orderId)).refunded).toEqual(money(1400));
  expect(service.ledger.balance.get(buyer)).toBe(10_000 - 450);
});

/** Two teas of Ann and a cup of Bob, paid for; by default the sellers have their money. */
const bought = async (hold = 'CAPTURED') => {
  const buyer = buyerWith(service.ledger, 10_000);
  const lines = [
    { productId: TEA, quantity: 2n },
    { productId: CUP, quantity: 1n },
  ];
  const { orderId } = await create(buyer, { userId: buyer, lines, shippingAddress: ADDRESS, requestId: newId() });
  await untilBooked(orderId, 'COMMITTED', hold);
  return { buyer, orderId };
};

interface Wish {
  orderId: string;
  lines?: { productId: string; quantity: bigint }[];
  note?: string;
  requestId?: string;
}

const refund = async (ctx: Context, request: Wish): Promise<Order> =>
  (await service.orders.refundOrder(ctx, { requestId: newId(), ...request })).order!;
