import { newId } from '@plaza/core';
import { eventually, testContext, uniqueNamespace } from '@plaza/testing';
import { afterEach, expect, test } from 'vitest';

import { createRateLimiter, type RateLimiterOptions } from '../src/index.ts';
import { createLocalWindows } from '../src/local-windows.ts';
import { useRedis } from './setup.ts';

const MINUTE = 60_000;
const METHOD = 'plaza.test/Call';

const bench = useRedis();
afterEach(async () => {
  await bench().engine.start();
  await bench().back();
});

test('of many calls at once, at two replicas, exactly as many are let in as the limit says', async () => {
  const namespace = uniqueNamespace();
  const [one, two] = [replica({ namespace }), replica({ namespace, redis: await bench().another() })];
  const key = newId();
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 ? one : two)(count(key, 7))));
  expect(answers.filter((answer) => answer === undefined)).toHaveLength(7);
  for (const excess of answers.filter((answer) => answer !== undefined)) {
    expect(excess).toMatchObject({ limit: 7, windowMs: MINUTE });
    expect(excess.retryAfterMs).toBeGreaterThan(MINUTE / 2);
    expect(excess.retryAfterMs).toBeLessThanOrEqual(MINUTE);
  }
});

test('every counter of a call counts it, also when another one refuses', async () => {
  const take = replica();
  const [login, address] = [newId(), newId()];
  for (let i = 0; i < 2; i++) expect(await take(count(login, 5), count(address, 2))).toBeUndefined();
  for (let i = 0; i < 3; i++) expect(await take(count(login, 5), count(address, 2))).toMatchObject({ limit: 2 });
  expect(await take(count(login, 5))).toMatchObject({ limit: 5 });
});

test('of two counters that refuse, the one that lasts longer says when to come back', async () => {
  const take = replica();
  const counts = [count(newId(), 0), { ...count(newId(), 0), windowMs: 10 * MINUTE }];
  expect(await take(...counts)).toMatchObject({ windowMs: 10 * MINUTE });
});

test('a window ends by itself, and a refused call does not prolong it', async () => {
  const namespace = uniqueNamespace();
  const short = { ...count(newId(), 1), windowMs: 300 };
  // A new replica at each try: what is asked is the counter that all share.
  const take = () => replica({ namespace })(short);
  expect(await take()).toBeUndefined();
  expect(await take()).toMatchObject({ limit: 1, windowMs: 300 });
  await eventually(async () => expect(await take()).toBeUndefined(), { everyMs: 20 });
});

test('the limit holds while Redis is away, and when it comes back empty', async () => {
  const take = replica();
  const key = newId();
  expect(await take(count(key, 3))).toBeUndefined();
  await bench().engine.kill();
  await eventually(() => expect(bench().redis.up()).toBe(false));
  for (let i = 0; i < 2; i++) expect(await take(count(key, 3))).toBeUndefined();
  expect(await take(count(key, 3))).toMatchObject({ limit: 3 });
  await bench().engine.start();
  await bench().back();
  await bench().engine.wipe();
  await bench().back();
  expect(await take(count(key, 3))).toMatchObject({ limit: 3 });
});

test('a replica that was not asked before knows from Redis what the others let in', async () => {
  const namespace = uniqueNamespace();
  const key = newId();
  const first = replica({ namespace });
  for (let i = 0; i < 2; i++) await first(count(key, 2));
  expect(await replica({ namespace })(count(key, 2))).toMatchObject({ limit: 2 });
});

test('the factor multiplies every limit, and 0 lifts them', async () => {
  const [wide, open] = [replica({ factor: 3 }), replica({ factor: 0 })];
  const key = newId();
  for (let i = 0; i < 6; i++) expect(await wide(count(key, 2))).toBeUndefined();
  expect(await wide(count(key, 2))).toMatchObject({ limit: 6 });
  for (let i = 0; i < 50; i++) expect(await open(count(key, 2))).toBeUndefined();
});

test('in this process no more counters are kept than there is room for; those that began first go', () => {
  let at = 0;
  const windows = createLocalWindows({ most: 100, now: () => at });
  for (let i = 0; i < 1_000; i++) windows.count(`k${i}`, MINUTE);
  expect(windows.size()).toBe(100);
  expect(windows.count('k999', MINUTE).calls).toBe(2);
  expect(windows.count('k0', MINUTE).calls).toBe(1);
  at = MINUTE;
  expect(windows.count('k999', MINUTE)).toEqual({ calls: 1, leftMs: MINUTE });
  expect(windows.size()).toBe(100);
});

const count = (key: string, limit: number) => ({ kind: 'field', key, limit, windowMs: MINUTE });

const replica = (options: Partial<RateLimiterOptions> = {}) => {
  const limiter = createRateLimiter({ redis: bench().redis, namespace: uniqueNamespace(), ...options });
  return (...counts: ReturnType<typeof count>[]) => limiter.take(testContext(), METHOD, counts);
};
