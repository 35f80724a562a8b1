import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  bucketAt,
  bucketOverAt,
  bucketsOf,
  goOn,
  isBelow,
  newId,
  passed,
  slotAt,
  TRENDING_WINDOWS,
  WINDOWS,
  type RankedPlace,
} from '../src/index.ts';

const window = fc.constantFrom(...TRENDING_WINDOWS);
const time = fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 });

test('a window counts whatever happened in it up to now, but for a grain at its far end, and nothing older', () => {
  fc.assert(
    fc.property(window, time, fc.double({ min: 0, max: 1.5, noNaN: true }), (name, now, share) => {
      const { lengthMs, grainMs, slotMs } = WINDOWS[name];
      const slot = slotAt(name, now);
      const at = Math.floor(now - share * lengthMs);
      const counts = bucketsOf(name, slot).includes(bucketAt(name, at));
      // Between the two: within the window's length, but in a bucket that begins before it.
      const [must, may] = [at > slot - lengthMs + grainMs, at >= slot - lengthMs];
      expect([counts, must, may]).toEqual([must || (may && counts), must, may]);
      expect(now - slot).toBeLessThan(slotMs);
    }),
  );
});

test('all of a slot lies in one bucket, and buckets follow one another without a gap', () => {
  fc.assert(
    fc.property(window, time, (name, now) => {
      const { grainMs, slotMs } = WINDOWS[name];
      const slot = slotAt(name, now);
      const buckets = bucketsOf(name, slot);
      expect(bucketAt(name, slot + slotMs - 1)).toBe(buckets.at(-1));
      expect(buckets.every((start, i) => start === buckets[0]! + i * grainMs)).toBe(true);
    }),
  );
});

test('as long as a place can be gone on from, the buckets of its ranking are there', () => {
  fc.assert(
    fc.property(window, time, fc.nat(4 * 3_600_000), (name, now, later) => {
      const place = { slot: slotAt(name, now), rank: 3, score: 2, id: newId() };
      const { slot, after } = goOn(name, place, now + later);
      for (const bucket of bucketsOf(name, slot)) expect(bucketOverAt(name, bucket)).toBeGreaterThan(now + later);
      expect(after === undefined ? slot : after.slot).toBe(after === undefined ? slotAt(name, now + later) : place.slot);
    }),
  );
  expect(goOn('HOUR', { slot: 0, rank: 1, score: 1, id: 'P' }, 1000).slot).toBe(0);
  expect(goOn('HOUR', { slot: 0, rank: 1, score: 1, id: 'P' }, 3_600_001).after).toBeUndefined();
});

test('below a place is what has fewer points, or as many and is older', () => {
  const place = { slot: 0, rank: 7, score: 5, id: 'M' };
  const below = (score: number, id: string) => isBelow({ score, id }, place);
  expect([below(4, 'Z'), below(5, 'A'), below(5, 'M'), below(5, 'Z'), below(6, 'A')]).toEqual([true, true, false, false, false]);
  expect(isBelow({ score: 9, id: 'A' }, undefined)).toBe(true);
});

test('pages through a ranking that is added up anew between them repeat nothing, and lose nothing that stayed as it was', () => {
  const product = fc.record({
    score: fc.integer({ min: 1, max: 9 }),
    gains: fc.array(fc.constantFrom(0, 0, 1, 3), { maxLength: 8 }),
  });
  fc.assert(
    fc.property(fc.array(product, { maxLength: 12 }), fc.integer({ min: 1, max: 3 }), (drawn, size) => {
      const ids = drawn.map((_, i) => String.fromCharCode(65 + i));
      const seen: string[] = [];
      let place: RankedPlace | undefined;
      for (let round = 0, end = false; !end; round++) {
        const scores = drawn.map(({ score, gains }) => gains.slice(0, round).reduce((sum, gain) => sum + gain, score));
        const ranking = ids
          .map((id, i) => ({ slot: 0, id, score: scores[i]! }))
          .toSorted((a, b) => b.score - a.score || (a.id < b.id ? 1 : -1))
          .map((each, i) => ({ ...each, rank: i + 1 }));
        const from = place?.rank ?? 0;
        for (const each of ranking.slice(from, from + size)) {
          if (isBelow(each, place)) seen.push(each.id);
          place = passed(each, place);
        }
        end = from + size >= ranking.length;
      }
      expect(new Set(seen).size).toBe(seen.length);
      const stayed = ids.filter((_, i) => drawn[i]!.gains.every((gain) => gain === 0));
      expect(seen).toEqual(expect.arrayContaining(stayed));
    }),
  );
});
