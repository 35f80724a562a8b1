import { isAppError } from '@plaza/core';
import { OrderState } from '@plaza/proto/plaza/order/v1/order_service';
import { asAdmin, eventually } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  actions,
  ADDRESS,
  buyerWith,
  CUP,
  LAST,
  money,
  refusal,
  SELLERS,
  startService,
  TEA,
  wish,
  type Service,
} from './service.ts';

let service: Service;
beforeAll(async () => (service = await startService()));
afterAll(() => service.close());

const { create, read, untilState, untilBooked } = actions(() => service);

test('an order is paid: stock is sold, the sellers have the money, and everybody is told', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 10_000);
  const lines = [
    { productId: TEA, quantity: 1n },
    { productId: CUP, quantity: 2n },
    { productId: TEA, quantity: 2n },
  ];
  const before = SELLERS.map((seller) => service.ledger.balance.get(seller) ?? 0);
  const order = await create(buyer, { ...wish(buyer, TEA, 1n), lines, expectedTotal: money(3000) });
  expect(order).toMatchObject({ userId: buyer, state: OrderState.PAID, total: money(3000), shippingAddress: ADDRESS });
  expect(order.lines.map(({ name, quantity, unitPrice }) => [name, quantity, unitPrice])).toEqual([
    ['tea', 3n, money(700)],
    ['cup', 2n, money(450)],
  ]);
  await untilBooked(order.orderId, 'COMMITTED', 'CAPTURED');
  const after = SELLERS.map((seller) => service.ledger.balance.get(seller) ?? 0);
  expect(after.map((minor, n) => minor - before[n]!)).toEqual([2100, 900]);
  expect(await read(buyer, order.orderId)).toEqual(order);
  await eventually(async () => expect(await service.admin.getOutboxStatus(asAdmin(), {})).toMatchObject({ pending: 0n }));
});

test('one request is one order, however often and at once it is sent; another body is refused', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 10_000);
  const request = wish(buyer, TEA, 1n);
  const answers = await Promise.all(Array.from({ length: 4 }, () => create(buyer, request)));
  expect(new Set(answers.map(({ orderId }) => orderId)).size).toBe(1);
  const again = await untilState(buyer, answers[0]!.orderId, OrderState.PAID);
  expect(await create(buyer, request)).toEqual(again);
  expect(service.ledger.balance.get(buyer)).toBe(9300);
  const other = { ...request, lines: [{ productId: TEA, quantity: 2n }] };
  expect(await refusal(create(buyer, other))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'REQUEST_ID_REUSED' });
});

test('a refusal of money reaches the buyer intact, and everything goes back', { timeout: 60_000 }, async () => {
  const buyer = buyerWith(service.ledger, 100);
  const request = wish(buyer, TEA, 1n);
  const refused = await refusal(create(buyer, request));
  expect(refused).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'INSUFFICIENT_FUNDS', domain: 'plaza.user' });
  const orderId = refused.metadata!['order_id']!;
  expect(await read(buyer, orderId)).toMatchObject({
    state: OrderState.FAILED,
    failure: { reason: 'INSUFFICIENT_FUNDS', domain: 'plaza.user' },
  });
  await untilBooked(orderId, 'RELEASED', 'RELEASED');
  expect(await refusal(create(buyer, request))).toEqual(refused);
});

test('many buyers of the last unit: one has it, the others are told why', { timeout: 90_000 }, async () => {
  const buyers = Array.from({ length: 12 }, () => buyerWith(service.ledger, 1000));
  const results = await Promise.all(
    buyers.map(async (buyer) => {
      try {
        const { orderId } = await create(buyer, wish(buyer, LAST, 1n));
        return await untilState(buyer, orderId, OrderState.PAID);
      } catch (error) {
        if (isAppError(error, 'INSUFFICIENT_STOCK')) return error.details;
        throw error;
      }
    }),
  );
  const refused = results.filter((result) => 'domain' in result);
  expect(refused).toHaveLength(11);
  expect(refused[0]).toMatchObject({ domain: 'plaza.product', metadata: { [LAST]: '0' } });
  const left = () => buyers.reduce((sum, buyer) => sum + (service.ledger.balance.get(buyer) ?? 0), 0);
  await eventually(() => expect(left()).toBe(11_900));
});
