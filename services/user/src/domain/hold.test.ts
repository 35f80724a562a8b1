import { isAppError } from '@plaza/core';
import { expect, test } from 'vitest';

import { assertPaysOut, assertSameHold, holdToCapture, isToRelease, newHold, tombstone, type Hold } from './hold.ts';

const euro = (minor: number) => ({ currency: 'EUR', minor });
const held = newHold('order', 'buyer', euro(1000));
const released: Hold = { ...held, state: 'RELEASED' };
const payouts = [
  { userId: 'shop', ...euro(700) },
  { userId: 'press', ...euro(300) },
];
const captured: Hold = { ...held, state: 'CAPTURED', payouts };

test('payouts that give the whole hold to different sellers are right', () => {
  expect(() => assertPaysOut(held, payouts)).not.toThrow();
});

test.each([
  ['sum to less', [{ userId: 'shop', ...euro(999) }], 'PAYOUTS_INVALID'],
  ['sum to more', [{ userId: 'shop', ...euro(1001) }], 'PAYOUTS_INVALID'],
  [
    'name a seller twice',
    [
      { userId: 'shop', ...euro(500) },
      { userId: 'shop', ...euro(500) },
    ],
    'PAYOUTS_INVALID',
  ],
  [
    'pay the buyer',
    [
      { userId: 'shop', ...euro(500) },
      { userId: 'buyer', ...euro(500) },
    ],
    'PAYOUTS_INVALID',
  ],
  [
    'hold a zero',
    [
      { userId: 'shop', ...euro(1000) },
      { userId: 'press', ...euro(0) },
    ],
    'AMOUNT_INVALID',
  ],
  [
    'hold a minus',
    [
      { userId: 'shop', ...euro(1100) },
      { userId: 'press', ...euro(-100) },
    ],
    'AMOUNT_INVALID',
  ],
  ['are of another currency', [{ userId: 'shop', currency: 'USD', minor: 1000 }], 'AMOUNT_INVALID'],
])('payouts that %s are refused', (_, wrong, reason) => {
  expect(reasonOf(() => assertPaysOut(held, wrong))).toBe(reason);
});

test('a hold is captured once, and again only as a repetition', () => {
  expect(holdToCapture(held, payouts)).toBe(held);
  expect(holdToCapture(captured, payouts.toReversed())).toBeUndefined();
  expect(reasonOf(() => holdToCapture(captured, [{ userId: 'shop', ...euro(1000) }]))).toBe('PAYOUTS_INVALID');
  expect(reasonOf(() => holdToCapture(released, payouts))).toBe('HOLD_RELEASED');
  expect(reasonOf(() => holdToCapture(undefined, payouts))).toBe('HOLD_NOT_FOUND');
});

test('a hold is released unless it was captured', () => {
  expect(isToRelease(held)).toBe(true);
  expect(isToRelease(released)).toBe(false);
  expect(isToRelease(tombstone('order'))).toBe(false);
  expect(reasonOf(() => isToRelease(captured))).toBe('HOLD_CAPTURED');
});

test('the same hold may be placed again, another may not, and none after the release', () => {
  expect(() => assertSameHold(held, newHold('order', 'buyer', euro(1000)))).not.toThrow();
  expect(() => assertSameHold(captured, held)).not.toThrow();
  expect(reasonOf(() => assertSameHold(held, newHold('order', 'other', euro(1000))))).toBe('HOLD_MISMATCH');
  expect(reasonOf(() => assertSameHold(held, newHold('order', 'buyer', euro(999))))).toBe('HOLD_MISMATCH');
  expect(reasonOf(() => assertSameHold(released, held))).toBe('HOLD_RELEASED');
  expect(reasonOf(() => assertSameHold(tombstone('order'), held))).toBe('HOLD_RELEASED');
});

test('a hold of nothing is no hold', () => {
  expect(reasonOf(() => newHold('order', 'buyer', euro(0)))).toBe('AMOUNT_INVALID');
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
