import { firstIdAt, lastIdAt } from '@plaza/core';
import { expect, test } from 'vitest';

import { createdBetween } from './created.ts';

const at = (ms: number) => new Date(ms);

test('the first time is in the range, the last one is not', () => {
  expect(createdBetween(at(1000), at(2000))).toEqual([firstIdAt(1000), lastIdAt(1999)]);
  expect(createdBetween(at(1000), at(1001))).toEqual([firstIdAt(1000), lastIdAt(1000)]);
});

test('an end that is not given is none', () => {
  const [first, last] = createdBetween(undefined, undefined);
  expect([first, last]).toEqual(['0'.repeat(26), '7'.padEnd(26, 'Z')]);
  expect(createdBetween(at(5), undefined)).toEqual([firstIdAt(5), last]);
  expect(createdBetween(undefined, at(5))).toEqual([first, lastIdAt(4)]);
  expect(createdBetween(at(-5), at(5))).toEqual([first, lastIdAt(4)]);
});

test.each([
  [1000, 1000],
  [2000, 1000],
  [undefined, 0],
  [-10, -5],
])('from %s to before %s there is no time', (after, before) => {
  const time = (ms: number | undefined) => (ms === undefined ? undefined : at(ms));
  const refused = expect.objectContaining({
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_FIELD',
    details: { domain: 'plaza', violations: [{ field: 'created_before', description: expect.any(String) as string }] },
  });
  expect(() => createdBetween(time(after), time(before))).toThrow(refused as Error);
});
