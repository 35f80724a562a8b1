import { expect, test } from 'vitest';

import { mayHaveReceipt } from './receipt.ts';

test('an event has no receipt yet that is young and comes for the first time', () => {
  expect(mayHaveReceipt({ at: 1_000, tries: 1 }, 10_999)).toBe(false);
  expect(mayHaveReceipt({ at: 1_000, tries: 2 }, 1_001)).toBe(true);
  expect(mayHaveReceipt({ at: 1_000, tries: 1 }, 11_000)).toBe(true);
});
