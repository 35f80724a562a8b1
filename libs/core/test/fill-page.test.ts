import fc from 'fast-check';
import { expect, test } from 'vitest';

import { fillPage, MAX_ROUNDS } from '../src/fill-page.ts';

test('whatever is hidden, the pages together show the rest, in order, each once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { maxLength: 60 }),
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 1, max: 20 }),
      async (shown, size, scan) => {
        const seen: number[] = [];
        let after: string | undefined;
        do {
          const page = await fillPage(size, after, async (place) => read(shown, scan, place));
          expect(page.items.length).toBeLessThanOrEqual(size);
          seen.push(...page.items);
          after = page.next;
        } while (after !== undefined);
        expect(seen).toEqual(shown.flatMap((is, i) => (is ? [i] : [])));
      },
    ),
  );
});

test('rows that come and go above and below while paging are neither shown twice nor make others vanish', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat(499), { minLength: 1, maxLength: 60 }),
      fc.array(fc.record({ n: fc.nat(999), add: fc.boolean() }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 7 }),
      async (start, changes, size) => {
        const rows = new Set(start);
        const touched = new Set(changes.map(({ n }) => n));
        const seen: number[] = [];
        let after: number | undefined;
        do {
          const page = await fillPage<number, number>(size, after, async (place) => {
            const below = [...rows].filter((n) => place === undefined || n < place).toSorted((a, b) => b - a);
            return { entries: below.slice(0, size).map((n) => ({ place: n, item: n })), end: below.length <= size };
          });
          seen.push(...page.items);
          after = page.next;
          const change = changes.pop();
          if (change) rows[change.add ? 'add' : 'delete'](change.n);
        } while (after !== undefined);
        expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => b - a));
        expect(seen).toEqual(expect.arrayContaining(start.filter((n) => !touched.has(n))));
      },
    ),
  );
});

test('a page is given up after a few reads, with a place to go on', async () => {
  let reads = 0;
  const hidden = Array<boolean>(100).fill(false);
  const page = await fillPage<number>(3, undefined, async (place) => (reads++, read(hidden, 3, place)));
  expect([page, reads]).toEqual([{ items: [], next: String(3 * MAX_ROUNDS - 1), rounds: MAX_ROUNDS }, MAX_ROUNDS]);
});

test('a page that is full where the list ends has no next one', async () => {
  expect(await fillPage<number>(3, undefined, async (place) => read([true, true, true], 3, place))).toEqual({
    items: [0, 1, 2],
    next: undefined,
    rounds: 1,
  });
});

/** A list of numbers, of which those are shown that `shown` says, read so many at a time. */
const read = (shown: readonly boolean[], scan: number, after: string | undefined) => {
  const from = after === undefined ? 0 : Number(after) + 1;
  const entries = shown.slice(from, from + scan).map((is, i) => ({ place: String(from + i), item: is ? from + i : undefined }));
  return { entries, end: from + scan >= shown.length };
};
