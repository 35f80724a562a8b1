import { MAX_MINOR, newId } from '@plaza/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { dueBy, dueKeys, dueParts, dueShards, priceFloor, priceKey, priceParts } from './table.ts';

const minor = fc.integer({ min: 0, max: MAX_MINOR });

test('price keys sort as the prices do, as text', () => {
  fc.assert(
    fc.property(minor, minor, (a, b) => {
      const [x, y] = [priceKey(a, newId()), priceKey(b, newId())];
      expect(a === b || x < y === a < b).toBe(true);
    }),
  );
});

test('the floor of a price is below every product of that price and above every cheaper one', () => {
  fc.assert(
    fc.property(minor, (price) => {
      const floor = priceFloor(price);
      expect(floor < priceKey(price, newId())).toBe(true);
      expect(price === 0 || priceKey(price - 1, newId()) < floor).toBe(true);
    }),
  );
});

test('a price key tells what it was made of', () => {
  const productId = newId();
  expect(priceParts(priceKey(499, productId))).toEqual({ minor: 499, productId });
});

test('what is due at a time sorts below it, and what is due later does not', () => {
  const orderId = newId();
  expect(dueKeys(orderId, 1000).dueKey < dueBy(1000)).toBe(true);
  expect(dueKeys(orderId, 1001).dueKey < dueBy(1000)).toBe(false);
  expect(dueShards).toContain(dueKeys(orderId, 0).dueShard);
  expect(dueParts(dueKeys(orderId, 1001).dueKey)).toEqual({ orderId, reservedUntil: 1001 });
});
