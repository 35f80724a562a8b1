import { uniqueNamespace } from '@plaza/testing';
import { afterEach, expect, test } from 'vitest';

import { createSnapshots } from '../src/index.ts';
import { useRedis } from './setup.ts';

const bench = useRedis();
afterEach(async () => {
  await bench().engine.start();
  await bench().back();
});

const snapshots = (namespace = uniqueNamespace(), ttlMs = 60_000) =>
  createSnapshots({ redis: bench().redis, namespace, name: 'test', ttlMs });

test('what is kept is found by its id, in its namespace, from any process', async () => {
  const namespace = uniqueNamespace();
  const id = await snapshots(namespace).keep('one');
  const other = await snapshots(namespace).keep('other');
  expect(other).not.toBe(id);
  expect(await snapshots(namespace).find(id!)).toBe('one');
  expect(await snapshots(namespace).find(other!)).toBe('other');
  expect(await snapshots().find(id!)).toBeUndefined();
});

test('it is gone when its time is up', async () => {
  const short = snapshots(uniqueNamespace(), 20);
  const id = await short.keep('one');
  await expect.poll(() => short.find(id!)).toBeUndefined();
});

test('with Redis away nothing is kept and nothing found; neither is an error', async () => {
  const kept = snapshots();
  const id = await kept.keep('one');
  await bench().engine.stop();
  expect(await kept.keep('another')).toBeUndefined();
  expect(await kept.find(id!)).toBeUndefined();
});
