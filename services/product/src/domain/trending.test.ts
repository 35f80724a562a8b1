import fc from 'fast-check';
import { expect, test } from 'vitest';

import { popularityStep } from './projection.ts';
import { chunksOf } from './trending.ts';

test('popularity rises by a step or more each time the points double, from 0 to 99', () => {
  expect([0, 1, 2, 3, 7, 8, 1e30].map(popularityStep)).toEqual([0, 2, 3, 4, 6, 6, 99]);
  fc.assert(
    fc.property(fc.nat(), fc.nat(1000), (points, more) => {
      expect(popularityStep(points + more)).toBeGreaterThanOrEqual(popularityStep(points));
    }),
  );
});

test('chunks hold each product once, with all of its points, and are the same for the same list', () => {
  const want = fc.record({ productId: fc.constantFrom('A', 'B', 'C', 'D', 'E'), points: fc.integer({ min: 1, max: 20 }) });
  fc.assert(
    fc.property(fc.array(want, { maxLength: 30 }), fc.integer({ min: 1, max: 4 }), (wants, size) => {
      const chunks = chunksOf(wants, size);
      expect(chunksOf(wants, size)).toEqual(chunks);
      expect(chunks.every(({ length }) => length > 0 && length <= size)).toBe(true);
      const counted = chunks.flat();
      expect(new Set(counted.map(({ productId }) => productId)).size).toBe(counted.length);
      for (const { productId, points } of counted)
        expect(points).toBe(wants.reduce((sum, each) => sum + (each.productId === productId ? each.points : 0), 0));
      expect(counted).toHaveLength(new Set(wants.map(({ productId }) => productId)).size);
    }),
  );
});
