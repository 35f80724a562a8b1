import { AppError } from '@plaza/core';
import { testContext, uniqueNamespace } from '@plaza/testing';
import { expect, test } from 'vitest';

import { NOBODY } from '../src/connect.ts';
import { doc, useRedis, type Doc } from './setup.ts';

const bench = useRedis();
const never = () => Promise.reject(new Error('must not load'));

test('the first read loads, the second finds it', async () => {
  const docs = bench().docs({ name: 'counted' });
  expect(await docs.get(testContext(), 'a', async () => doc('a', 1))).toEqual(doc('a', 1));
  expect(await docs.get(testContext(), 'a', never)).toEqual(doc('a', 1));
  expect(await bench().counted('counted', 'miss')).toBe(1);
  expect(await bench().counted('counted', 'hit')).toBe(1);
});

test('one batch: one load for all that is missing, nothing for what does not exist', async () => {
  const docs = bench().docs();
  await docs.get(testContext(), 'a', async () => doc('a', 1));
  const asked: string[][] = [];
  const load = async (missing: string[]) => {
    asked.push(missing);
    return new Map([['b', doc('b', 7)]]);
  };
  expect(await docs.getMany(testContext(), ['a', 'b', 'c', 'b'], load)).toEqual(
    new Map([
      ['a', doc('a', 1)],
      ['b', doc('b', 7)],
    ]),
  );
  expect(asked).toEqual([['b', 'c']]);
  expect([...(await docs.getMany(testContext(), ['a', 'b', 'c'], never)).keys()].sort()).toEqual(['a', 'b']);
});

test('a stampede of 100 is one load', async () => {
  const docs = bench().docs();
  let loads = 0;
  const gate = Promise.withResolvers<void>();
  const load = async () => {
    loads++;
    await gate.promise;
    return doc('hot', 1);
  };
  const readers = Array.from({ length: 100 }, () => docs.get(testContext(), 'hot', load));
  await docs.get(testContext(), 'other', async () => undefined);
  gate.resolve();
  expect(new Set((await Promise.all(readers)).map((found) => found?.version))).toEqual(new Set([1]));
  expect(loads).toBe(1);
});

test('when the reader who loads goes away, those who joined load for themselves', async () => {
  const docs = bench().docs();
  const row = Promise.withResolvers<Doc>();
  const gone = new AbortController();
  const first = docs.get({ ...testContext(), signal: gone.signal }, 'a', () => row.promise);
  first.catch(() => undefined);
  await docs.get(testContext(), 'other', async () => undefined);
  const second = docs.get(testContext(), 'a', async () => doc('a', 1));
  await docs.get(testContext(), 'another', async () => undefined);
  gone.abort();
  row.reject(new AppError('CANCELLED', 'CALL_CANCELLED', 'gone'));
  expect(await second).toEqual(doc('a', 1));
  await expect(first).rejects.toThrow('gone');
});

test('a joiner does not wait past its own deadline', async () => {
  const docs = bench().docs();
  const row = Promise.withResolvers<Doc>();
  const first = docs.get(testContext(), 'slow', () => row.promise);
  await docs.get(testContext(), 'other', async () => undefined);
  await expect(docs.get(testContext({ timeoutMs: 30 }), 'slow', never)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  row.resolve(doc('slow', 1));
  await first;
});

test('a failed load fails its reader and is forgotten', async () => {
  const docs = bench().docs();
  await expect(docs.get(testContext(), 'a', never)).rejects.toThrow('must not load');
  expect(await docs.get(testContext(), 'a', async () => doc('a', 1))).toEqual(doc('a', 1));
});

test('what does not exist is remembered until it does', async () => {
  const docs = bench().docs({ name: 'absent' });
  expect(await docs.get(testContext(), 'a', async () => undefined)).toBeUndefined();
  expect(await docs.get(testContext(), 'a', never)).toBeUndefined();
  expect(await bench().counted('absent', 'negative')).toBe(1);
  await docs.put(testContext(), 'a', doc('a', 1));
  expect(await docs.get(testContext(), 'a', async () => doc('a', 1))).toEqual(doc('a', 1));
  expect(await docs.get(testContext(), 'a', never)).toEqual(doc('a', 1));
});

test('only a newer value replaces an older one', async () => {
  const docs = bench().docs();
  await docs.get(testContext(), 'a', async () => doc('a', 5));
  await docs.put(testContext(), 'a', doc('a', 4));
  expect(await docs.get(testContext(), 'a', never)).toEqual(doc('a', 5));
  await docs.put(testContext(), 'a', doc('a', 10));
  expect(await docs.get(testContext(), 'a', never)).toEqual(doc('a', 10));
});

test('a load that began before a write cannot undo it, and later readers do not join it', async () => {
  const docs = bench().docs({ name: 'late' });
  const row = Promise.withResolvers<Doc | undefined>();
  const early = docs.get(testContext(), 'a', () => row.promise);
  await docs.get(testContext(), 'other', async () => undefined);
  await docs.put(testContext(), 'a', doc('a', 2));
  expect(await docs.get(testContext(), 'a', async () => doc('a', 2))).toEqual(doc('a', 2));
  row.resolve(doc('a', 1));
  expect(await early).toEqual(doc('a', 1));
  expect(await docs.get(testContext(), 'a', never)).toEqual(doc('a', 2));
  expect(await bench().counted('late', 'stale')).toBe(1);
});

test('a tombstone beats a late fill, and readers after it ask the table', async () => {
  const docs = bench().docs();
  const row = Promise.withResolvers<Doc | undefined>();
  const early = docs.get(testContext(), 'a', () => row.promise);
  await docs.get(testContext(), 'other', async () => undefined);
  await docs.bury(testContext(), 'a', 2);
  expect(await docs.get(testContext(), 'a', async () => undefined)).toBeUndefined();
  row.resolve(doc('a', 1));
  await early;
  expect(await docs.get(testContext(), 'a', never)).toBeUndefined();
  await docs.put(testContext(), 'a', doc('a', 3, 'restored'));
  expect(await docs.get(testContext(), 'a', async () => doc('a', 3, 'restored'))).toEqual(doc('a', 3, 'restored'));
});

test('a write that was overtaken by a delete does not bring the value back', async () => {
  const docs = bench().docs();
  await docs.bury(testContext(), 'a', 2);
  expect(await docs.get(testContext(), 'a', async () => undefined)).toBeUndefined();
  await docs.put(testContext(), 'a', doc('a', 1));
  expect(await docs.get(testContext(), 'a', async () => undefined)).toBeUndefined();
});

test('a load cannot store what it read before the engine was wiped', async () => {
  const docs = bench().docs();
  const row = Promise.withResolvers<Doc | undefined>();
  const early = docs.get(testContext(), 'a', () => row.promise);
  await docs.get(testContext(), 'other', async () => undefined);
  await docs.put(testContext(), 'a', doc('a', 2));
  await bench().tester.send(NOBODY, [{ name: 'flushall', args: [] }]);
  row.resolve(doc('a', 1));
  await early;
  await docs.put(testContext(), 'a', doc('a', 1));
  expect(await docs.get(testContext(), 'a', async () => doc('a', 2))).toEqual(doc('a', 2));
});

test('a value that cannot be decoded is loaded again', async () => {
  const namespace = uniqueNamespace();
  await bench()
    .docs({ namespace, encode: () => Buffer.from('not json') })
    .get(testContext(), 'a', async () => doc('a', 1));
  const docs = bench().docs({ namespace });
  expect(await docs.get(testContext(), 'a', async () => doc('a', 1))).toEqual(doc('a', 1));
  expect(await docs.get(testContext(), 'a', never)).toEqual(doc('a', 1));
});

test('every key has a life', async () => {
  const namespace = uniqueNamespace();
  const docs = bench().docs({ namespace });
  await docs.get(testContext(), 'value', async () => doc('value', 1));
  await docs.get(testContext(), 'nothing', async () => undefined);
  await docs.get(testContext(), 'deleted', async () => doc('deleted', 1));
  await docs.bury(testContext(), 'deleted', 2);
  await docs.get(testContext(), 'leased', never).catch(() => undefined);
  const [keys] = (await bench().tester.send(NOBODY, [{ name: 'keys', args: [`${namespace}:*`] }])) as [string[]];
  expect(keys).toHaveLength(4);
  const lives = (await bench().tester.send(
    NOBODY,
    keys.map((key) => ({ name: 'pttl', args: [key] })),
  )) as number[];
  for (const life of lives) expect(life).toBeGreaterThan(0);
});
