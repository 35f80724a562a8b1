import { bucketAt, bucketsOf, slotAt, TRENDING_WINDOWS, WINDOWS, type TrendingWindow } from '@plaza/core';
import { testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { bucketAdditions, createBucketSums, createMemoryDb, createTally, defineTable, type Buckets } from '../src/index.ts';

const table = defineTable({ name: 'points' });
const buckets: Buckets = { table, prefix: 'A' };
const others: Buckets = { table, prefix: 'B' };
const NOW = 1_800_000_123_456;

const points = fc.record({
  id: fc.constantFrom('tea', 'cups', '日本語', '01ARZ3NDEKTSV4RRFFQ69G5FAV'),
  at: fc.oneof(fc.nat(2 * 3_600_000), fc.nat(9 * 24 * 3_600_000)).map((ago) => NOW - ago),
  some: fc.integer({ min: 1, max: 50 }),
});

test('a ranking is the sum of what was counted within its window, weighed by the age of its bucket; others are not in it', async () => {
  const worth = (some: number, ageMs: number, window: TrendingWindow) => some * (WINDOWS[window].lengthMs - ageMs);
  await fc.assert(
    fc.asyncProperty(fc.array(points, { maxLength: 20 }), async (drawn) => {
      const db = createMemoryDb();
      await db.createTable(testContext(), table);
      const { apply } = createTally({ db, table });
      const told = drawn.map(({ id, at, some }) => bucketAdditions(buckets, id, at, some));
      told.push(bucketAdditions(others, 'tea', NOW, 7));
      await Promise.all(told.map((additions, i) => apply(testContext(), { mark: { pk: `MARK#${i}`, sk: 'MARK' }, additions })));
      for (const window of TRENDING_WINDOWS) {
        const slot = slotAt(window, NOW);
        const expected: Record<string, number> = {};
        for (const { id, at, some } of drawn) {
          const bucket = bucketAt(window, at);
          if (bucketsOf(window, slot).includes(bucket)) expected[id] = (expected[id] ?? 0) + worth(some, slot - bucket, window);
        }
        const sums = await createBucketSums({ db, buckets, worth })(testContext(), window, slot);
        expect(Object.fromEntries(sums)).toEqual(expected);
      }
    }),
    { numRuns: 30 },
  );
});

test('what is counted expires when no ranking holds it any more', () => {
  for (const { set, key } of bucketAdditions(buckets, 'tea', NOW, 1)) {
    const window = key.pk.split('#')[1] as TrendingWindow;
    expect(Number(set?.['expiresAt']) * 1000).toBeGreaterThan(bucketAt(window, NOW) + WINDOWS[window].lengthMs);
  }
});
