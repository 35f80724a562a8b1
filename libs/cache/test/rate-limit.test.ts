import { newId } from '@plaza/core';
import { eventually, testContext, uniqueNamespace } from '@plaza/testing';
import { afterEach, expect, test } from 'vitest';

import { createRateLimiter, type RateLimiterOptions } from '../src/index.ts';
import { NOBODY } from '../src/connect.ts';
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

test('the counter that refuses counts on, and the call opens no other, whatever the order in which they are declared', async () => {
  const namespace = uniqueNamespace();
  const take = replica({ namespace });
  const [login, address] = [newId(), { ...count(newId(), 2), kind: 'address' }];
  for (let i = 0; i < 2; i++) expect(await take(count(login, 4), address)).toBeUndefined();
  for (let i = 0; i < 50; i++) expect(await take(count(login, 4), address)).toMatchObject({ limit: 2 });
  for (let i = 0; i < 50; i++) expect(await take(count(newId(), 4), address)).toMatchObject({ limit: 2 });
  expect(await keysOf(namespace)).toHaveLength(2);
  for (let i = 0; i < 2; i++) expect(await take(count(login, 4))).toBeUndefined();
  expect(await take(count(login, 4))).toMatchObject({ limit: 4 });
  expect(await replica({ namespace })({ ...address, limit: 101 })).toMatchObject({ limit: 101 });
});

test('with Redis away, a flood of refused calls with made-up logins pushes out neither the victim nor the address', async () => {
  await bench().engine.kill();
  await eventually(() => expect(bench().redis.up()).toBe(false));
  const take = replica({ mostLocal: 100 });
  const from = (address: string) => ({ ...count(address, 5), kind: 'address' });
  for (let i = 0; i < 5; i++) expect(await take(count('victim', 5), from('here'))).toBeUndefined();
  for (let i = 0; i < 1_000; i++) await take(count(`made up ${i}`, 5), from('here'));
  expect(await take(count('victim', 5), from('here'))).toMatchObject({ limit: 5 });
  expect(await take(count('victim', 5), from('elsewhere'))).toMatchObject({ limit: 5 });
});

test('fields have no part in the room of addresses', async () => {
  await bench().engine.kill();
  await eventually(() => expect(bench().redis.up()).toBe(false));
  const take = replica({ mostLocal: 100 });
  const address = { ...count('here', 1), kind: 'address' };
  expect(await take(address)).toBeUndefined();
  for (let i = 0; i < 1_000; i++) await take(count(`made up ${i}`, 5));
  expect(await take(address)).toMatchObject({ limit: 1 });
});

test('of two counters that refuse, the one that lasts longer says when to come back', async () => {
  const namespace = uniqueNamespace();
  const counts = [count(newId(), 1), { ...count(newId(), 1), windowMs: 10 * MINUTE }];
  expect(await replica({ namespace })(...counts)).toBeUndefined();
  expect(await replica({ namespace })(...counts)).toMatchObject({ windowMs: 10 * MINUTE });
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

const keysOf = async (namespace: string): Promise<string[]> => {
  const [keys] = await bench().tester.send(NOBODY, [{ name: 'keys', args: [`${namespace}:*`] }]);
  return keys as string[];
};

const replica = (options: Partial<RateLimiterOptions> = {}) => {
  const limiter = createRateLimiter({ redis: bench().redis, namespace: uniqueNamespace(), ...options });
  return (...counts: ReturnType<typeof count>[]) => limiter.take(testContext(), METHOD, counts);
};
