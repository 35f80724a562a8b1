import fc from 'fast-check';
import { expect, test } from 'vitest';

import { fillPage, MAX_ROUNDS, type Stretch } from './page.ts';

/** A timeline in memory: ids descending, read as a store reads it. */
const timeline = (ids: readonly string[]) => {
  const sorted = [...ids].sort().reverse();
  return async (before: string | undefined, limit: number): Promise<Stretch> => {
    const older = sorted.filter((id) => before === undefined || id < before);
    return { ids: older.slice(0, limit), more: older.length > limit };
  };
};

const shownIf = (visible: ReadonlySet<string>) => async (ids: readonly string[]) =>
  ids.map((id) => (visible.has(id) ? id : undefined));

const id = (n: number) => String(n).padStart(6, '0');

test('pages together are the visible rows, newest first, each once, and only the true end has no token', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(fc.nat(9999), fc.boolean()), { selector: ([n]) => n, maxLength: 200 }),
      fc.integer({ min: 1, max: 30 }),
      async (rows, size) => {
        const ids = rows.map(([n]) => id(n));
        const visible = new Set(rows.filter(([, show]) => show).map(([n]) => id(n)));
        const read = timeline(ids);
        const seen: string[] = [];
        let before: string | undefined;
        do {
          const page = await fillPage(size, before, read, shownIf(visible));
          expect(page.items.length).toBeLessThanOrEqual(size);
          // Only the end, or the last round, may leave a page short.
          expect(page.items.length === size || page.before === undefined || page.rounds === MAX_ROUNDS).toBe(true);
          seen.push(...page.items);
          before = page.before;
        } while (before !== undefined);
        expect(seen).toEqual([...visible].sort().reverse());
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
        const rows = new Set(start.map((n) => id(n)));
        const touched = new Set(changes.map(({ n }) => id(n)));
        const seen: string[] = [];
        let before: string | undefined;
        do {
          const page = await fillPage(size, before, timeline([...rows]), shownIf(rows));
          seen.push(...page.items);
          before = page.before;
          const change = changes.pop();
          if (change) rows[change.add ? 'add' : 'delete'](id(change.n));
        } while (before !== undefined);
        expect(seen).toEqual([...new Set(seen)].sort().reverse());
        const steady = start.map((n) => id(n)).filter((row) => !touched.has(row));
        expect(seen).toEqual(expect.arrayContaining(steady));
      },
    ),
  );
});

test('a long stretch of hidden rows ends the page short, with a token, after ten rounds', async () => {
  const ids = Array.from({ length: 100 }, (_, n) => id(n));
  const oldest = new Set([id(0)]);
  const first = await fillPage(5, undefined, timeline(ids), shownIf(oldest));
  expect(first).toMatchObject({ items: [], rounds: MAX_ROUNDS, before: id(50) });
  const second = await fillPage(5, first.before, timeline(ids), shownIf(oldest));
  expect(second.items).toEqual([id(0)]);
});

test('a page that ends exactly at the last row is the last', async () => {
  const ids = [id(1), id(2), id(3), id(4)];
  const first = await fillPage(2, undefined, timeline(ids), shownIf(new Set(ids)));
  expect(first.before).toBe(id(3));
  expect(await fillPage(2, first.before, timeline(ids), shownIf(new Set(ids)))).toEqual({ items: [id(2), id(1)], rounds: 1 });
});
