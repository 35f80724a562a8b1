import { MAX_MINOR, newId } from '@plaza/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { categoryKey, indexRow, keys, priceFloor, priceKey } from './table.ts';

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

test('a place in the index is enough to name its row', () => {
  const id = newId();
  const category = categoryKey('tea', 'EUR');
  expect(indexRow(category, priceKey(499, id))).toEqual({
    ...keys.product(id),
    categoryKey: category,
    priceKey: priceKey(499, id),
  });
});
