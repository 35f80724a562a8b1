import fc from 'fast-check';
import { expect, test } from 'vitest';

import { summed, type CategoryCount } from './categories.ts';

test('stretch by stretch, the parts add up to all categories, in order, none twice and none forgotten', () => {
  const slug = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
  const part = fc.uniqueArray(fc.record({ category: slug, count: fc.integer({ min: 0, max: 3 }) }), {
    selector: ({ category }) => category,
  });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 4 }), (parts, size) => {
      const seen: CategoryCount[] = [];
      for (let end = false; !end;) {
        const after = seen.at(-1)?.category ?? '';
        const stretch = summed(parts.map((counts) => read(counts, after, size)));
        expect(stretch.end || stretch.counts.length >= size).toBe(true);
        seen.push(...stretch.counts);
        ({ end } = stretch);
      }
      const all = new Map<string, number>();
      for (const { category, count } of parts.flat()) all.set(category, (all.get(category) ?? 0) + count);
      expect(seen.map(({ category }) => category)).toEqual([...all.keys()].toSorted());
      for (const { category, count } of seen) expect(count).toBe(all.get(category));
    }),
  );
});

const read = (counts: readonly CategoryCount[], after: string, size: number) => {
  const rest = counts.filter(({ category }) => category > after).toSorted((a, b) => (a.category < b.category ? -1 : 1));
  return { counts: rest.slice(0, size), end: rest.length <= size };
};
