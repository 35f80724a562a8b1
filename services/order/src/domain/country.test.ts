import { expect, test } from 'vitest';

import { isCountry } from './country.ts';

const LETTERS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');

test('the 249 countries of ISO 3166-1 are countries, and nothing else is', () => {
  const codes = LETTERS.flatMap((a) => LETTERS.map((b) => a + b));
  expect(codes.filter(isCountry)).toHaveLength(249);
  const countries = ['DE', 'GB', 'US', 'TW', 'SS', 'AX', 'UM'];
  expect(countries.filter(isCountry)).toEqual(countries);
  expect(['EU', 'UK', 'XK', 'ZZ', 'XX', 'SU', 'QO', 'AA'].filter(isCountry)).toEqual([]);
});
