import { newId } from '@plaza/core';
import { eventually, testContext, uniqueNamespace } from '@plaza/testing';
import { expect, test } from 'vitest';

import { createRankedSet, type Ranked, type RankedSetOptions } from '../src/index.ts';
import { NOBODY } from '../src/connect.ts';
import { useRedis } from './setup.ts';

const bench = useRedis();
const ALL = { from: 0, limit: 100 };

test('the higher score stands higher; of equal ones, who was first', async () => {
  const { set, write } = world();
  const [ada, bob, cyd, dan] = [await write('ada', 5), await write('bob', -3), await write('cyd', 5), await write('dan', 0)];
  const expected = [place(ada, 1), place(cyd, 2), place(dan, 3), place(bob, 4)];
  expect(await set.page(testContext(), 's', ALL)).toEqual(expected);
  expect(await set.page(testContext(), 's', { from: 1, limit: 2 })).toEqual(expected.slice(1, 3));
  expect(await set.page(testContext(), 's', { from: 4, limit: 2 })).toEqual([]);
  expect(await set.find(testContext(), 's', 'bob')).toEqual(place(bob, 4));
  expect(await set.find(testContext(), 's', 'eve')).toBeUndefined();
  await write('ada', 4);
  await write('ada', 5);
  expect((await set.page(testContext(), 's', ALL)).map(({ id }) => id)).toEqual(['cyd', 'ada', 'dan', 'bob']);
});

test('the ends of what can be counted are told apart', async () => {
  const { set, write } = world();
  const most = Number.MAX_SAFE_INTEGER;
  for (const [id, score] of [
    ['a', -most],
    ['b', most - 1],
    ['c', 1 - most],
    ['d', most],
  ] as const)
    await write(id, score);
  for (let i = 0; i < 2; i++)
    expect((await set.page(testContext(), 's', ALL)).map(({ id, score }) => [id, score])).toEqual([
      ['d', most],
      ['b', most - 1],
      ['c', 1 - most],
      ['a', -most],
    ]);
});

test('a set is loaded once and then read from its view; an empty one too; sets do not mix', async () => {
  const { set, write, loads } = world();
  await write('ada', 5);
  for (let i = 0; i < 3; i++) {
    expect(await set.page(testContext(), 's', ALL)).toHaveLength(1);
    expect(await set.page(testContext(), 'empty', ALL)).toEqual([]);
    expect(await set.find(testContext(), 'empty', 'ada')).toBeUndefined();
  }
  expect(loads).toEqual(['s', 'empty']);
});

test('readers at the same moment share one load', async () => {
  const { set, write, loads } = world();
  const ada = await write('ada', 5);
  const found = await Promise.all(Array.from({ length: 20 }, () => set.find(testContext(), 's', 'ada')));
  expect(found).toEqual(found.map(() => place(ada, 1)));
  expect(loads).toHaveLength(1);
});

test('more rows than one round carries', async () => {
  const { set, table } = world();
  const rows = Array.from({ length: 1234 }, (_, i) => ({ id: `p${i}`, score: i, since: newId(), version: 1 }));
  for (const row of rows) table.set(row.id, row);
  for (let i = 0; i < 2; i++) {
    expect((await set.page(testContext(), 's', { from: 0, limit: 3 })).map(({ score }) => score)).toEqual([1233, 1232, 1231]);
    expect(await set.find(testContext(), 's', 'p0')).toEqual(place(rows[0]!, 1234));
  }
});

test.each(['order', 'members'])('when the %s of a view are evicted, the set does not look empty', async (part) => {
  const { set, write, namespace, loads } = world();
  const ada = await write('ada', 5);
  await set.page(testContext(), 's', ALL);
  await bench().redis.send(NOBODY, [{ name: 'del', args: [`${namespace}:feed:ranked:score:{s}:${part}`] }]);
  const bob = await write('bob', 7);
  expect(await set.find(testContext(), 's', 'ada')).toEqual(place(ada, 2));
  expect(await set.page(testContext(), 's', ALL)).toEqual([place(bob, 1), place(ada, 2)]);
  expect(loads).toHaveLength(2);
});

test('a view of another run of the server, as from an old snapshot, is not read', async () => {
  const { set, write, namespace, loads } = world();
  await write('ada', 5);
  await set.page(testContext(), 's', ALL);
  const [order, members] = ['order', 'members'].map((part) => `${namespace}:feed:ranked:score:{s}:${part}`) as [string, string];
  const [[mark]] = (await bench().tester.send(NOBODY, [{ name: 'zrange', args: [order, 0, 0] }])) as [[string]];
  await bench().tester.send(NOBODY, [
    { name: 'zrem', args: [order, mark] },
    { name: 'zadd', args: [order, '-inf', '!r|elsewhen'] },
    { name: 'hset', args: [members, '!', '!r|elsewhen'] },
  ]);
  expect(await set.page(testContext(), 's', ALL)).toHaveLength(1);
  expect(loads).toHaveLength(2);
});

test('what is put while the view is built is not lost, and not undone by what the build had read before', async () => {
  const gate = Promise.withResolvers<void>();
  const { set, write, loads } = world({ before: () => gate.promise });
  await write('ada', 5);
  const reading = set.page(testContext(), 's', ALL);
  await eventually(() => expect(loads).toHaveLength(1));
  const [ada, bob] = [await write('ada', 6), await write('bob', 7)];
  gate.resolve();
  const expected = [place(bob, 1), place(ada, 2)];
  expect(await reading).toEqual(expected);
  expect(await set.page(testContext(), 's', ALL)).toEqual(expected);
  expect(loads).toHaveLength(1);
});

test('a wipe under way is no reason to call a view whole', async () => {
  const gate = Promise.withResolvers<void>();
  const { set, write, namespace, loads } = world({ before: () => (loads.length === 1 ? gate.promise : Promise.resolve()) });
  await write('ada', 5);
  const reading = set.page(testContext(), 's', ALL);
  await eventually(() => expect(loads).toHaveLength(1));
  const bob = await write('bob', 7);
  await bench().redis.send(
    NOBODY,
    ['order', 'members'].map((part) => ({ name: 'del', args: [`${namespace}:feed:ranked:score:{s}:${part}`] })),
  );
  gate.resolve();
  expect((await reading)[0]).toEqual(place(bob, 1));
  expect((await set.page(testContext(), 's', ALL))[0]).toEqual(place(bob, 1));
});

test('a builder whose work was wiped does not declare the half-done work of the next one whole', async () => {
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { set, write, namespace, table, loads } = world({ between: () => first.promise });
  await write('ada', 5);
  const reading = set.page(testContext(), 's', ALL);
  await eventually(() => expect(loads).toHaveLength(1));
  await bench().tester.send(NOBODY, [{ name: 'flushall', args: [] }]);
  await write('bob', 7);
  await write('cyd', 6);
  const other = world({ namespace, table, redis: await bench().another(), between: () => second.promise });
  const overtaking = other.set.page(testContext(), 's', ALL);
  await eventually(() => expect(other.loads).toHaveLength(1));
  first.resolve();
  await reading;
  expect((await set.page(testContext(), 's', ALL)).map(({ id }) => id)).toEqual(['bob', 'cyd', 'ada']);
  second.resolve();
  expect(await overtaking).toHaveLength(3);
});

test('while another process builds, a reader loads for itself', async () => {
  const gate = Promise.withResolvers<void>();
  const { set, write, namespace, table, loads } = world({ before: () => gate.promise });
  const ada = await write('ada', 5);
  const slow = set.page(testContext(), 's', ALL);
  await eventually(() => expect(loads).toHaveLength(1));
  const other = world({ namespace, table, redis: await bench().another() });
  expect(await other.set.page(testContext(), 's', ALL)).toEqual([place(ada, 1)]);
  gate.resolve();
  expect(await slow).toEqual([place(ada, 1)]);
  expect(await other.set.page(testContext(), 's', ALL)).toEqual([place(ada, 1)]);
  expect([loads.length, other.loads.length]).toEqual([1, 1]);
});

test('a load that fails is told to its reader, and the next one tries again', async () => {
  let failing = true;
  const { set, write } = world({ before: () => (failing ? Promise.reject(new Error('no table')) : Promise.resolve()) });
  const ada = await write('ada', 5);
  await expect(set.page(testContext(), 's', ALL)).rejects.toThrow('no table');
  failing = false;
  expect(await set.page(testContext(), 's', ALL)).toEqual([place(ada, 1)]);
});

test('a reader waits no longer than its time', async () => {
  const gate = Promise.withResolvers<void>();
  const { set, loads } = world({ before: () => gate.promise });
  await expect(set.page(testContext({ timeoutMs: 50 }), 's', ALL)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  gate.resolve();
  await eventually(async () => expect(await set.page(testContext(), 's', ALL)).toEqual([]));
  expect(loads).toHaveLength(1);
});

test('a view lapses, and what was never put shows', async () => {
  const { set, table } = world({ ttlMs: 300 });
  expect(await set.page(testContext(), 's', ALL)).toEqual([]);
  const ada = { id: 'ada', score: 1, since: newId(), version: 1 };
  table.set('ada', ada);
  await eventually(async () => expect(await set.page(testContext(), 's', ALL)).toEqual([place(ada, 1)]));
});

test('racing writers and readers of two processes, with wipes, leave nothing stale', async () => {
  const { set, write, namespace, table } = world();
  const other = world({ namespace, table, redis: await bench().another() });
  const random = (n: number) => Math.floor(Math.random() * n);
  const writers = [write, other.write];
  const readers = [set, other.set];
  const truth = () =>
    [...table.values()].sort((a, b) => b.score - a.score || (a.since < b.since ? -1 : 1)).map((row, i) => place(row, i + 1));

  for (let round = 0; round < 60; round++) {
    const work = Array.from({ length: 12 }, (_, i) => {
      if (round % 4 === 0 && i === 6) return bench().tester.send(NOBODY, [{ name: 'flushall', args: [] }]);
      return random(2) === 0
        ? writers[random(2)]!(`p${random(5)}`, random(4))
        : readers[random(2)]!.page(testContext(), 's', ALL);
    });
    await Promise.all(work);
    for (const reader of readers) expect(await reader.page(testContext(), 's', ALL), `round ${round}`).toEqual(truth());
    const [first] = truth();
    expect(await set.find(testContext(), 's', first?.id ?? 'nobody')).toEqual(first);
  }
});

type WorldOptions = Partial<RankedSetOptions> & { table?: Map<string, Ranked>; before?: Wait; between?: Wait };
type Wait = () => Promise<void>;
const atOnce: Wait = () => Promise.resolve();

/** A table of rows behind a ranked set. A load waits `before` it answers what it has read, and `between` two rows and the rest. */
const world = (options: WorldOptions = {}) => {
  const { table = new Map<string, Ranked>(), before = atOnce, between = atOnce, namespace = uniqueNamespace() } = options;
  const loads: string[] = [];
  const set = createRankedSet({
    redis: bench().redis,
    name: 'score',
    ttlMs: 60_000,
    namespace,
    load: async function* (_ctx, name) {
      const rows = name === 's' ? [...table.values()] : [];
      loads.push(name);
      await before();
      yield rows.slice(0, 2);
      await between();
      yield rows.slice(2);
    },
    ...options,
  });
  const write = async (id: string, score: number): Promise<Ranked> => {
    const row = { id, score, since: newId(), version: (table.get(id)?.version ?? 0) + 1 };
    table.set(id, row);
    await set.put(testContext(), 's', row);
    return row;
  };
  return { set, table, namespace, loads, write };
};

const place = ({ id, score, since }: Omit<Ranked, 'version'>, rank: number) => ({ id, score, since, rank });
