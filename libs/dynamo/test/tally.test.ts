import { newId } from '@plaza/core';
import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { createMemoryDb, createTally, defineTable, seededFaults, type Entry, type Faults } from '../src/index.ts';

const table = defineTable({ name: 'counts' });
const keyOf = (id: string) => ({ pk: id, sk: 'COUNT' });

const started = async (faults?: Faults) => {
  const db = createMemoryDb({ faults });
  await db.createTable(testContext(), table);
  const stored = async (id: string) => {
    const row = await db.get(testContext(), table, keyOf(id));
    return { count: Number(row?.['count'] ?? 0), moves: Number(row?.['moves'] ?? 0) };
  };
  return { db, stored, queue: () => createTally({ db, table }) };
};

const gain = (ids: string[], by: 1 | -1 = 1): Entry => ({
  mark: { pk: `MARK#${newId()}`, sk: 'MARK' },
  additions: ids.map((id) => ({ key: keyOf(id), add: { count: by, moves: 1 } })),
});

test('a famous person who gains and loses a thousand at once is written to a few dozen times', async () => {
  let transactions = 0;
  const { queue, stored } = await started(({ verb }) => void (verb === 'transact' && transactions++));
  const { apply } = queue();
  const gains = Array.from({ length: 2_000 }, (_, i) => gain(['star'], i % 2 === 0 ? 1 : -1));
  await Promise.all([...gains, gain(['star', 'other'])].map((one) => apply(testContext(), one)));
  expect(await stored('star')).toEqual({ count: 1, moves: 2_001 });
  expect(await stored('other')).toEqual({ count: 1, moves: 1 });
  expect(transactions).toBeLessThan(30);
});

test('events of many followees share transactions, and one too large for company goes alone', async () => {
  const sizes: number[] = [];
  const { db, stored } = await started();
  const { apply } = createTally({
    db: { ...db, transact: (ctx, ops) => (sizes.push(ops.length), db.transact(ctx, ops)) },
    table,
  });
  const ids = Array.from({ length: 320 }, (_, i) => `u${i}`);
  const events = Array.from({ length: 10 }, (_, i) => gain(ids.slice(32 * i, 32 * i + 32)));
  await Promise.all(events.map((one) => apply(testContext(), one)));
  expect(await Promise.all(ids.map(stored))).toEqual(ids.map(() => ({ count: 1, moves: 1 })));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
  expect(sizes.length).toBeLessThanOrEqual(6);
});

test('an event delivered while it is counted, or again later together with new ones, is counted once', async () => {
  const { queue, stored } = await started();
  const { apply } = queue();
  const [first, second, third] = [gain(['star']), gain(['star']), gain(['star'], -1)];
  const settled = [first, first, second].map((one) => apply(testContext(), one));
  await Promise.all(settled);
  await Promise.all([first, third, second].map((one) => apply(testContext(), one)));
  expect(await stored('star')).toEqual({ count: 1, moves: 3 });
});

test('whatever fails, is delivered twice or raced by another process is counted once', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { queue, stored } = await started(
      seededFaults(seed, { 'lost-reply': 0.1, unreachable: 0.1, conflict: 0.1, throttle: 0.05 }),
    );
    const processes = [queue(), queue()];
    const people = ['a', 'b', 'c', 'd'];
    const events = Array.from({ length: 150 }, (_, i) => gain(people.slice(i % 4, (i % 4) + 1 + (i % 2)), i % 3 === 0 ? -1 : 1));
    const deliver = async (one: Entry, process: number): Promise<void> => {
      for (let tries = 0; tries < 50; tries++) {
        try {
          return await processes[(process + tries) % 2]!.apply(testContext({ timeoutMs: 200 }), one);
        } catch {
          // As the bus does: delivered again, to whichever process.
        }
      }
      throw new Error('never counted');
    };
    await Promise.all([...events, ...events.slice(0, 75)].map((one, i) => deliver(one, i % 2)));
    const expected = new Map(people.map((id) => [id, { count: 0, moves: 0 }]));
    for (const { key, add } of events.flatMap(({ additions }) => additions)) {
      expected.get(key.pk)!.count += add['count']!;
      expected.get(key.pk)!.moves += 1;
    }
    for (const id of people) expect({ seed, id, ...(await readSurely(stored, id)) }).toEqual({ seed, id, ...expected.get(id) });
  }
});

/** The reading has faults too. */
const readSurely = async <T>(read: (id: string) => Promise<T>, id: string): Promise<T> => {
  for (;;) {
    const found = await read(id).catch(() => undefined);
    if (found) return found;
  }
};
