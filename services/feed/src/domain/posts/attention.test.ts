import { bucketAt, bucketsOf, slotAt, TRENDING_WINDOWS, WINDOWS } from '@plaza/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { scoreOf, tagId, tagOf, worthOf } from './attention.ts';
import { hashtagsIn } from './text.ts';

const window = fc.constantFrom(...TRENDING_WINDOWS);

test('what is new is worth all of its points, after a quarter of the window half of them, after all of it a sixteenth', () => {
  for (const name of TRENDING_WINDOWS) {
    const { lengthMs } = WINDOWS[name];
    const worths = [0, 1 / 4, 1 / 2, 3 / 4, 1].map((share) => scoreOf(worthOf(16, share * lengthMs, name)));
    expect(worths).toEqual([16, 8, 4, 2, 1]);
  }
});

test('the older is never worth more, more points never less, and a single view in a window something', () => {
  const points = fc.integer({ min: 1, max: 1_000_000 });
  fc.assert(
    fc.property(window, points, fc.nat(1000), fc.double({ min: 0, max: 1, noNaN: true }), (name, some, more, share) => {
      const age = share * WINDOWS[name].lengthMs;
      const worth = worthOf(some, age, name);
      expect(worthOf(some + more, age, name)).toBeGreaterThanOrEqual(worth);
      expect(worthOf(some, age * 0.9, name)).toBeGreaterThanOrEqual(worth);
      expect(worth).toBeGreaterThan(0);
      expect(Number.isSafeInteger(worth)).toBe(true);
    }),
  );
});

test('of two happenings in a window the later counts as much or more, whenever it is looked at', () => {
  const time = fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 });
  fc.assert(
    fc.property(window, time, fc.nat(1000), fc.nat(1000), (name, now, first, second) => {
      const slot = slotAt(name, now);
      const within = bucketsOf(name, slot);
      const worthAt = (permille: number) => {
        const bucket = bucketAt(name, slot - (permille / 1000) * WINDOWS[name].lengthMs);
        return within.includes(bucket) ? worthOf(100, slot - bucket, name) : 0;
      };
      const [earlier, later] = [Math.max(first, second), Math.min(first, second)];
      expect(worthAt(later)).toBeGreaterThanOrEqual(worthAt(earlier));
    }),
  );
});

test('a hashtag of any script has a name in printable ASCII without a space, its own, from which it is read again', () => {
  const tags = hashtagsIn('#tea #größe #日本語 #चाय #شاي #FULL＿width #50_ways').concat('x'.repeat(50));
  const ids = tags.map(tagId);
  expect(ids.every((id) => /^[!-~]+$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(tags.length);
  expect(ids.map(tagOf)).toEqual(tags);
});
