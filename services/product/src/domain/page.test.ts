import fc from 'fast-check';
import { expect, test } from 'vitest';

import { fillPage, MAX_ROUNDS } from './page.ts';

test('whatever is hidden, the pages together show the rest, in order, each once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 60 }), fc.integer({ min: 1, max: 10 }), async (shown, size) => {
      const seen: number[] = [];
      let after: string | undefined;
      do {
        const page = await fillPage(size, after, async (place) => read(shown, place));
        expect(page.items.length).toBeLessThanOrEqual(size);
        seen.push(...page.items);
        after = page.next;
      } while (after !== undefined);
      expect(seen).toEqual(shown.flatMap((is, i) => (is ? [i] : [])));
    }),
  );
});

test('a page is given up after a few reads, with a place to go on', async () => {
  let reads = 0;
  const hidden = Array<boolean>(100).fill(false);
  const page = await fillPage(3, undefined, async (place) => (reads++, read(hidden, place)));
  expect([page, reads]).toEqual([{ items: [], next: String(3 * MAX_ROUNDS - 1) }, MAX_ROUNDS]);
});

/** A list of numbers, of which those are shown that `shown` says. */
const read = (shown: readonly boolean[], { size, after }: { size: number; after: string | undefined }) => {
  const from = after === undefined ? 0 : Number(after) + 1;
  const rows = shown.slice(from, from + size).map((is, i) => ({ is, place: from + i }));
  const end = from + size >= shown.length;
  return { items: rows.filter(({ is }) => is).map(({ place }) => place), next: end ? undefined : String(from + size - 1) };
};
