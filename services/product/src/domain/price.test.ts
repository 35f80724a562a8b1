import { moneyOf } from '@plaza/core';
import { expect, test } from 'vitest';

import { priceOf, priceRangeOf } from './price.ts';

const eur = (minor: number) => moneyOf({ currency: 'EUR', minor });
const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT', reason: 'PRICE_INVALID' });

test('a price is above zero and in EUR, as wallets are', () => {
  expect(priceOf(eur(499))).toEqual({ currency: 'EUR', minor: 499 });
  for (const bad of [
    undefined,
    eur(0),
    eur(-1),
    moneyOf({ currency: 'USD', minor: 499 }),
    { currencyCode: 'XXX', units: 1n, nanos: 0 },
    { currencyCode: 'EUR', units: 0n, nanos: 1 },
    { currencyCode: 'EUR', units: 1n, nanos: -10_000_000 },
    { currencyCode: 'EUR', units: 2n ** 62n, nanos: 0 },
  ])
    expect(() => priceOf(bad)).toThrow(invalid);
});

test('a price range is half-open, and each bound may be absent', () => {
  expect(priceRangeOf(undefined, undefined)).toEqual({ min: undefined, max: undefined });
  expect(priceRangeOf(eur(0), eur(1))).toEqual({ min: 0, max: 1 });
  expect(priceRangeOf(eur(5), undefined)).toEqual({ min: 5, max: undefined });
});

test('an empty range, a negative bound and a foreign currency are refused', () => {
  const empty = expect.objectContaining({ code: 'INVALID_ARGUMENT', reason: 'PRICE_RANGE_INVALID' });
  expect(() => priceRangeOf(eur(5), eur(5))).toThrow(empty);
  expect(() => priceRangeOf(eur(6), eur(5))).toThrow(empty);
  expect(() => priceRangeOf(undefined, eur(0))).toThrow(empty);
  expect(() => priceRangeOf(eur(-1), undefined)).toThrow(invalid);
  expect(() => priceRangeOf(undefined, moneyOf({ currency: 'USD', minor: 5 }))).toThrow(invalid);
});
