import { isAppError, type Caller } from '@plaza/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Order } from './order.ts';
import { afterRefund, newRefund, refundParts } from './refund.ts';

const line = (productId: string, sellerId: string, quantity: number, minor: number, refunded?: number) => ({
  productId,
  sellerId,
  name: '',
  quantity,
  unitPrice: { currency: 'EUR', minor },
  refunded,
});
const order = (more: Partial<Order> = {}) =>
  ({
    orderId: 'o',
    userId: 'buyer',
    state: 'PAID',
    lines: [line('tea', 'ann', 2, 700), line('cup', 'ann', 1, 450), line('pen', 'bob', 3, 100)],
    total: { currency: 'EUR', minor: 2150 },
    ...more,
  }) as Order;
const ann: Caller = { kind: 'user', userId: 'ann' };
const admin: Caller = { kind: 'admin' };
const ask = (of: Order, caller: Caller, lines: { productId: string; quantity: number }[] = []) =>
  newRefund(of, caller, { refundId: 'r', lines, note: 'sorry' });

test('a seller refunds its own lines, an admin all', () => {
  expect(ask(order(), ann)).toEqual({
    refundId: 'r',
    lines: [
      { productId: 'tea', quantity: 2 },
      { productId: 'cup', quantity: 1 },
    ],
    amount: { currency: 'EUR', minor: 1850 },
    note: 'sorry',
    restock: false,
  });
  const all = ask(order(), admin);
  expect(all).toMatchObject({ amount: { minor: 2150 }, restock: true });
  expect(refundParts(order(), all)).toEqual([
    { userId: 'ann', amount: { currency: 'EUR', minor: 1850 } },
    { userId: 'bob', amount: { currency: 'EUR', minor: 300 } },
  ]);
  expect(afterRefund(order(), all)).toMatchObject({ state: 'REFUNDED', refund: undefined, lines: [{ refunded: 2 }, {}, {}] });
});

test('equal products are added, and what is left can be had in parts', () => {
  const tea = { productId: 'tea', quantity: 1 };
  expect(ask(order(), ann, [tea, tea])).toMatchObject({ lines: [{ productId: 'tea', quantity: 2 }], amount: { minor: 1400 } });
  const first = ask(order(), ann, [tea]);
  const rest = { ...order(), ...afterRefund(order(), first) };
  expect(rest.state).toBe('PAID');
  expect(ask(rest, ann)).toMatchObject({ lines: [tea, { productId: 'cup', quantity: 1 }], restock: false });
  // The first part was not taken in by Plaza, so that the whole cannot be either.
  expect(ask(rest, admin).restock).toBe(false);
});

test('units go back into stock only when all of the order is refunded at once and nothing was sent', () => {
  const parcels = { bob: { carrier: '', trackingNumber: '', shippedAt: 1 } };
  expect(ask(order({ parcels }), admin).restock).toBe(false);
  expect(ask(order(), admin, [{ productId: 'tea', quantity: 2 }]).restock).toBe(false);
});

test('more than is left is refused by field', () => {
  const asked = [
    { productId: 'tea', quantity: 2 },
    { productId: 'pen', quantity: 1 },
    { productId: 'tea', quantity: 1 },
  ];
  expect(refusalOf(() => ask(order(), ann, asked))).toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'REFUND_TOO_LARGE',
    details: {
      metadata: { product_id: 'pen', left: '0' },
      violations: [{ field: 'lines[1].product_id' }, { field: 'lines[2].quantity', description: 'at most 2 are left to refund' }],
    },
  });
  const nothing = order({ lines: [line('tea', 'ann', 2, 700, 2), line('pen', 'bob', 3, 100)] });
  expect(refusalOf(() => ask(nothing, ann))).toMatchObject({
    reason: 'REFUND_TOO_LARGE',
    details: { violations: [{ field: 'lines' }] },
  });
});

test('neither buyer nor stranger refunds, and nobody what is not paid for or all refunded', () => {
  for (const userId of ['buyer', 'eve'])
    expect(refusalOf(() => ask(order(), { kind: 'user', userId }))).toMatchObject({ reason: 'ORDER_NOT_FOUND' });
  for (const state of ['PENDING', 'RESERVED', 'FAILED', 'CANCELLED', 'REFUNDED'] as const)
    expect(refusalOf(() => ask(order({ state }), admin))).toMatchObject({
      reason: 'ILLEGAL_TRANSITION',
      details: { metadata: { state } },
    });
});

test('refunds of any size, in any order, end when each unit is refunded, and sum to the total', () => {
  const pick = fc.record({ productId: fc.constantFrom('tea', 'cup', 'pen'), quantity: fc.integer({ min: 1, max: 3 }) });
  fc.assert(
    fc.property(fc.array(fc.array(pick, { maxLength: 3 }), { maxLength: 6 }), (wishes) => {
      let current = order();
      let back = 0;
      for (const wish of [...wishes, []]) {
        if (current.state === 'REFUNDED') break;
        try {
          const refund = ask(current, admin, wish);
          expect(refundParts(current, refund).reduce((sum, { amount }) => sum + amount.minor, 0)).toBe(refund.amount.minor);
          back += refund.amount.minor;
          current = { ...current, ...afterRefund(current, refund) };
        } catch (error) {
          if (!isAppError(error, 'REFUND_TOO_LARGE')) throw error;
        }
      }
      expect(current.state).toBe('REFUNDED');
      expect(back).toBe(2150);
    }),
  );
});

const refusalOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error;
  }
};
