import { isAppError } from '@plaza/core';
import { expect, test } from 'vitest';

import type { Hold } from './hold.ts';
import { refundedHold } from './refund.ts';

const part = (userId: string, minor: number, currency = 'EUR') => ({ userId, minor, currency });
const captured: Hold = {
  orderId: 'order',
  state: 'CAPTURED',
  buyerId: 'buyer',
  currency: 'EUR',
  minor: 1000,
  payouts: [part('shop', 700), part('press', 300)],
};

test('refunds add up on the hold until each seller has given back what it got', () => {
  const once = refundedHold(captured, undefined, [part('shop', 500), part('press', 300)])!;
  expect(once).toMatchObject({ refunded: { shop: 500, press: 300 }, refunds: 1 });
  const twice = refundedHold(once, undefined, [part('shop', 200)])!;
  expect(twice).toMatchObject({ refunded: { shop: 700, press: 300 }, refunds: 2 });
  expect(reasonOf(() => refundedHold(twice, undefined, [part('shop', 1)]))).toBe('REFUND_INVALID');
});

test.each([
  ['take more than the seller got', [part('press', 301)], 'REFUND_INVALID'],
  ['take from a stranger', [part('other', 1)], 'REFUND_INVALID'],
  ['take from the buyer', [part('buyer', 1)], 'REFUND_INVALID'],
  ['name a seller twice', [part('shop', 1), part('shop', 1)], 'REFUND_INVALID'],
  ['take nothing', [part('shop', 0)], 'AMOUNT_INVALID'],
  ['take less than nothing', [part('shop', 5), part('press', -5)], 'AMOUNT_INVALID'],
  ['are of another currency', [part('shop', 1, 'USD')], 'AMOUNT_INVALID'],
])('parts that %s are refused', (_, parts, reason) => {
  expect(reasonOf(() => refundedHold(captured, undefined, parts))).toBe(reason);
});

test('only what was captured goes back', () => {
  const parts = [part('shop', 1)];
  expect(reasonOf(() => refundedHold(undefined, undefined, parts))).toBe('HOLD_NOT_FOUND');
  for (const state of ['HELD', 'RELEASED'] as const)
    expect(reasonOf(() => refundedHold({ ...captured, state }, undefined, parts))).toBe('HOLD_NOT_CAPTURED');
});

test('the first verdict on a refund stands', () => {
  const parts = [part('shop', 700), part('press', 300)];
  const made = { refundId: 'r', parts };
  expect(refundedHold(captured, made, parts.toReversed())).toBeUndefined();
  expect(reasonOf(() => refundedHold(captured, made, [part('shop', 1)]))).toBe('REFUND_INVALID');
  const refused = { ...made, shortage: { userId: 'press', available: 5, asked: 300 } };
  expect(reasonOf(() => refundedHold(captured, refused, parts))).toBe('INSUFFICIENT_FUNDS');
});

const reasonOf = (act: () => unknown): string | undefined => {
  try {
    act();
  } catch (error) {
    if (isAppError(error)) return error.reason;
    throw error;
  }
  return undefined;
};
