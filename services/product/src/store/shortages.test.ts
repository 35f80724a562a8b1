import { expect, test } from 'vitest';

import { newStock } from '../domain/stock.ts';
import { createShortages } from './shortages.ts';

const one = { productId: 'A', quantity: 1 };

test('a row refuses those who were there before its transaction was sent, and nobody who came later', () => {
  const shortages = createShortages();
  const before = shortages.now();
  const sent = shortages.now();
  const later = shortages.now();
  shortages.note('A', sent, newStock('A', 0));
  expect(shortages.refusing(one, before)).toMatchObject({ stock: { available: 0 } });
  expect(shortages.refusing(one, later)).toBeUndefined();
  expect(shortages.refusing({ productId: 'B', quantity: 1 }, before)).toBeUndefined();
});

test('it refuses only those who want more than it has', () => {
  const shortages = createShortages();
  const before = shortages.now();
  shortages.note('A', shortages.now(), newStock('A', 2));
  expect(shortages.refusing({ ...one, quantity: 2 }, before)).toBeUndefined();
  expect(shortages.refusing({ ...one, quantity: 3 }, before)).toBeDefined();
});

test('a deleted or an unknown product refuses everybody', () => {
  const shortages = createShortages();
  const before = shortages.now();
  shortages.note('A', shortages.now(), { ...newStock('A', 9), inactiveAt: 1 });
  shortages.note('B', shortages.now(), undefined);
  expect(shortages.refusing(one, before)).toBeDefined();
  expect(shortages.refusing({ productId: 'B', quantity: 1 }, before)).toBeDefined();
});

test('of two rows the one of the later transaction counts, whichever comes back first', () => {
  const shortages = createShortages();
  const before = shortages.now();
  const [first, second] = [shortages.now(), shortages.now()];
  shortages.note('A', second, newStock('A', 5));
  shortages.note('A', first, newStock('A', 0));
  expect(shortages.refusing(one, before)).toBeUndefined();
});

test('what it remembers is bounded', () => {
  const shortages = createShortages();
  const before = shortages.now();
  const ids = Array.from({ length: 1000 }, (_, i) => `P${i}`);
  for (const id of ids) shortages.note(id, shortages.now(), newStock(id, 0));
  const kept = ids.filter((productId) => shortages.refusing({ productId, quantity: 1 }, before));
  expect(kept).toEqual(ids.slice(-256));
});
