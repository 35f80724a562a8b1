import { firstIdAt, newId } from '@plaza/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { cursorAt, cursorNow, fresh, fromText, HORIZON_MS, told, toText, type Cursor } from './cursor.ts';

const NOW = 1_800_000_000_000;
const idAt = (time: number, n = 0) => firstIdAt(time).slice(0, 10) + newId(time).slice(10, 24) + String(n).padStart(2, '0');
/** As a process does that goes on from the token of another one. */
const passedOn = (cursor: Cursor): Cursor => fromText(JSON.parse(JSON.stringify(toText(cursor))) as never);

test('whatever comes in whatever order within the horizon is told once, over any number of tokens', () => {
  const late = fc.record({ at: fc.nat(20 * 60_000), delay: fc.nat(HORIZON_MS - 1) });
  fc.assert(
    fc.property(fc.array(late, { maxLength: 150 }), fc.nat(), (things, seed) => {
      const arriving = things
        .map(({ at, delay }, i) => ({ id: idAt(NOW + at, i % 100), arrival: at + delay }))
        .sort((a, b) => a.arrival - b.arrival);
      let cursor = cursorNow(NOW, []);
      const all: string[] = [];
      for (const [i, { arrival }] of arriving.entries()) {
        if ((i * 7 + seed) % 3 > 0) continue;
        const there = arriving.filter((other) => other.arrival <= arrival).map(({ id }) => id);
        const news = fresh(cursor, there);
        all.push(...news);
        cursor = passedOn(told(cursor, news));
      }
      all.push(
        ...fresh(
          cursor,
          arriving.map(({ id }) => id),
        ),
      );
      expect(all.toSorted()).toEqual(arriving.map(({ id }) => id).toSorted());
    }),
    { numRuns: 100 },
  );
});

test('what was there at the beginning, and what is older than the horizon, is not told', () => {
  const there = [idAt(NOW - 1000), idAt(NOW - 5000)];
  const cursor = cursorNow(NOW, there);
  const later = idAt(NOW - 3000);
  expect(fresh(cursor, [...there, later, idAt(NOW - HORIZON_MS - 1)])).toEqual([later]);
});

test('ids of one millisecond are told apart, also those that differ behind the ULID', () => {
  const id = newId(NOW);
  const cursor = cursorNow(NOW, [`${id}S01`]);
  const others = [id, `${id}S02`, newId(NOW)];
  expect(fresh(cursor, others)).toEqual(others);
});

test('of very many only the newest are remembered, and none that was told comes again; the token stays short', () => {
  const ids = Array.from({ length: 1000 }, (_, i) => idAt(NOW + i, i % 100));
  const cursor = cursorAt(firstIdAt(NOW - 1), ids);
  expect(cursor.seen).toHaveLength(200);
  expect(fresh(passedOn(cursor), ids)).toEqual([]);
  expect(JSON.stringify(toText(cursor)).length).toBeLessThan(2500);
  const next = idAt(NOW + 999, 1);
  expect(fresh(cursor, [next])).toEqual([next]);
});

test('told in another order, it is the same cursor', () => {
  const ids = Array.from({ length: 300 }, (_, i) => idAt(NOW + i * 5000, i % 100));
  const stepwise = ids.toReversed().reduce((cursor, id) => told(cursor, [id]), cursorAt(firstIdAt(NOW - 1), []));
  expect(stepwise).toEqual(cursorAt(firstIdAt(NOW - 1), ids));
});
