import { expect, test } from 'vitest';

import { retryAt } from './saga.ts';

test('waits double from half a second to eight seconds, and jitter takes at most half', () => {
  expect([0, 1, 2, 3, 4, 5, 30].map((tries) => retryAt(tries, 1000, 1) - 1000)).toEqual([
    500, 1000, 2000, 4000, 8000, 8000, 8000,
  ]);
  expect(retryAt(2, 0, 0)).toBe(1000);
});
