import { expect, test } from 'vitest';

import { nextVersion } from './tie.ts';

test('versions follow the clock, and grow even when it does not', () => {
  expect(nextVersion(1_000, undefined)).toBe(1_000);
  expect(nextVersion(1_000, 900)).toBe(1_000);
  expect(nextVersion(1_000, 1_000)).toBe(1_001);
  expect(nextVersion(500, 1_001)).toBe(1_002);
});
