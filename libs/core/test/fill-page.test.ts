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

test('a page is given up after a few reads, with a place to go on', async () => {
  let reads = 0;
  const hidden = Array<boolean>(100).fill(false);
  const page = await fillPage<number>(3, undefined, async (place) => (reads++, read(hidden, 3, place)));
  expect([page, reads]).toEqual([{ items: [], next: String(3 * MAX_ROUNDS - 1) }, MAX_ROUNDS]);
});

test('a page that is full where the list ends has no next one', async () => {
  expect(await fillPage<number>(3, undefined, async (place) => read([true, true, true], 3, place))).toEqual({
    items: [0, 1, 2],
    next: undefined,
  });
});

/** A list of numbers, of which those are shown that `shown` says, read so many at a time. */
const read = (shown: readonly boolean[], scan: number, after: string | undefined) => {
  const from = after === undefined ? 0 : Number(after) + 1;
  const entries = shown.slice(from, from + scan).map((is, i) => ({ place: String(from + i), item: is ? from + i : undefined }));
  return { entries, end: from + scan >= shown.length };
};
