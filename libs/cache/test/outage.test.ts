import { newId } from '@plaza/core';
import { eventually, testContext, uniqueNamespace } from '@plaza/testing';
import { afterEach, expect, test } from 'vitest';

import { connectRedis, createRankedSet, createTimeline, type Ranked } from '../src/index.ts';
import { doc, useRedis } from './setup.ts';

const bench = useRedis(50);
afterEach(async () => {
  bench().engine.resume();
  await bench().engine.start();
  await bench().back();
});

test('a paused Redis costs the first reads 50 ms, then nothing', async () => {
  const docs = bench().docs({ name: 'paused' });
  await docs.get(testContext(), 'a', async () => doc('a', 1));
  bench().engine.pause();
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    const start = performance.now();
    expect(await docs.get(testContext(), 'a', async () => doc('a', 1))).toEqual(doc('a', 1));
    times.push(performance.now() - start);
  }
  // The machine may be busy; what matters is that nothing waits for a timeout of another order.
  for (const time of times.slice(0, 3)) expect(time).toBeLessThan(150);
  expect(times.filter((time) => time > 45).length).toBeLessThanOrEqual(4);
  expect(times.slice(5).sort((a, b) => a - b)[7]).toBeLessThan(5);
  expect(bench().redis.up()).toBe(false);
  expect(await bench().counted('paused', 'error')).toBe(20);
  bench().engine.resume();
  await bench().back();
});

test('what was written while Redis slept is not read stale when it wakes', async () => {
  const docs = bench().docs();
  for (const id of ['updated', 'deleted', 'restarted']) await docs.get(testContext(), id, async () => doc(id, 1));
  bench().engine.pause();
  for (let i = 0; i < 4; i++) await docs.get(testContext(), 'updated', async () => doc('updated', 1));
  expect(bench().redis.up()).toBe(false);
  await docs.put(testContext(), 'updated', doc('updated', 2));
  await docs.bury(testContext(), 'deleted', 2);
  bench().engine.resume();
  await bench().back();
  expect(await docs.get(testContext(), 'updated', async () => doc('updated', 2))).toEqual(doc('updated', 2));
  expect(await docs.get(testContext(), 'deleted', async () => undefined)).toBeUndefined();
  expect(await docs.get(testContext(), 'restarted', async () => doc('restarted', 2))).toEqual(doc('restarted', 1));
});

test('a single lost write is settled without an outage', async () => {
  const namespace = uniqueNamespace();
  const docs = bench().docs({ namespace });
  const other = bench().docs({ namespace, redis: await bench().another() });
  await docs.get(testContext(), 'a', async () => doc('a', 1));
  expect(await docs.put(testContext(), 'a', doc('a', 1))).toBe(true);
  bench().engine.pause();
  expect(await docs.put(testContext(), 'a', doc('a', 2)), 'owed').toBe(false);
  bench().engine.resume();
  await eventually(async () => {
    expect(await other.get(testContext(), 'a', async () => doc('a', 2))).toEqual(doc('a', 2));
  });
});

test('a killed Redis is slower, never wrong, and comes back by itself', async () => {
  const docs = bench().docs();
  await docs.get(testContext(), 'a', async () => doc('a', 1));
  await bench().engine.kill();
  await docs.put(testContext(), 'a', doc('a', 2));
  const start = performance.now();
  for (let i = 0; i < 50; i++) expect(await docs.get(testContext(), 'a', async () => doc('a', 2))).toEqual(doc('a', 2));
  expect(performance.now() - start).toBeLessThan(500);
  await bench().engine.start();
  await bench().back();
  expect(await docs.get(testContext(), 'a', async () => doc('a', 2))).toEqual(doc('a', 2));
  expect(await docs.get(testContext(), 'a', () => Promise.reject(new Error('must not load')))).toEqual(doc('a', 2));
});

test('while Redis is away, at most 64 loads run at once, and a waiter whose time is up never starts', async () => {
  const docs = bench().docs();
  await bench().engine.kill();
  await eventually(() => expect(bench().redis.up()).toBe(false));
  let running = 0;
  let most = 0;
  const gate = Promise.withResolvers<void>();
  const reads = Array.from({ length: 200 }, (_, i) =>
    docs.get(testContext(), `d${i}`, async () => {
      most = Math.max(most, ++running);
      await gate.promise;
      running--;
      return doc(`d${i}`, 1);
    }),
  );
  await expect(
    docs.get(testContext({ timeoutMs: 20 }), 'late', () => Promise.reject(new Error('started'))),
  ).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
  });
  gate.resolve();
  await Promise.all(reads);
  expect(most).toBe(64);
});

test('an insert that cannot be known to have happened throws', async () => {
  const timeline = createTimeline({ redis: bench().redis, namespace: uniqueNamespace(), name: 'home', cap: 10, ttlMs: 60_000 });
  await bench().engine.kill();
  await expect(timeline.insert(testContext(), [{ owner: 'a', id: '1' }])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await timeline.page(testContext(), 'a', { limit: 10 })).toBeUndefined();
  expect(await timeline.begin(testContext(), 'a')).toBeUndefined();
});

test('a ranked set answers without Redis, and shows what was written meanwhile when Redis is back', async () => {
  const table = new Map<string, Ranked>();
  const options = {
    redis: bench().redis,
    namespace: uniqueNamespace(),
    name: 'score',
    ttlMs: 60_000,
    load: async function* () {
      yield [...table.values()];
    },
  };
  const set = createRankedSet(options);
  const write = async (id: string, score: number) => {
    const row = { id, score, since: newId(), version: (table.get(id)?.version ?? 0) + 1 };
    table.set(id, row);
    await set.put(testContext(), 's', row);
  };
  const ids = async (of = set) => (await of.page(testContext(), 's', { from: 0, limit: 9 })).map(({ id }) => id);
  await write('ada', 1);
  await write('bob', 2);
  expect(await ids()).toEqual(['bob', 'ada']);

  bench().engine.pause();
  for (const round of [3, 4, 5]) {
    await write('ada', round);
    expect(await ids()).toEqual(['ada', 'bob']);
  }
  expect(await set.find(testContext(), 's', 'bob')).toMatchObject({ rank: 2 });
  expect(bench().redis.up()).toBe(false);
  bench().engine.resume();
  await bench().back();
  expect(await ids()).toEqual(['ada', 'bob']);
  const other = createRankedSet({ ...options, redis: await bench().another() });
  expect(await ids(other)).toEqual(['ada', 'bob']);

  await bench().engine.kill();
  await write('bob', 9);
  expect(await ids()).toEqual(['bob', 'ada']);
  await bench().engine.start();
  await bench().back();
  expect(await ids()).toEqual(['bob', 'ada']);
  expect(await bench().counted('score', 'error')).toBeGreaterThan(0);
});

test('connecting to nothing does not wait, fail or keep anybody waiting', async () => {
  const redis = connectRedis({
    owner: 'feed',
    url: 'redis://127.0.0.1:1',
    log: bench().redis.log,
    metrics: bench().redis.metrics,
  });
  const docs = bench().docs({ redis });
  expect(await docs.get(testContext(), 'a', async () => doc('a', 1))).toEqual(doc('a', 1));
  await redis.close();
});
