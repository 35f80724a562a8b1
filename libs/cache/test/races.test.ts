import { setImmediate as turn } from 'node:timers/promises';

import { testContext, uniqueNamespace } from '@plaza/testing';
import { expect, test } from 'vitest';

import { NOBODY } from '../src/connect.ts';
import { doc, useRedis, type Doc } from './setup.ts';

const bench = useRedis();
const IDS = ['a', 'b', 'c'];
const ROUNDS = 100;

test('racing writers, deleters and readers of two processes, with wipes, leave no stale entry', async () => {
  const engine = bench().tester;
  const namespace = uniqueNamespace();
  const caches = [bench().docs({ namespace }), bench().docs({ namespace, redis: await bench().another() })];
  const table = new Map<string, Doc>();
  let versions = 0;
  const random = (n: number) => Math.floor(Math.random() * n);
  const choose = <T>(list: readonly T[]): T => list[random(list.length)]!;
  /** A table is slower than the cache: as long as some of its round trips. */
  const latency = async () => {
    for (let i = random(5); i > 0; i--) await engine.send(NOBODY, [{ name: 'ping', args: [] }], 5_000);
  };
  const load = async (id: string) => {
    await latency();
    const row = table.get(id);
    await latency();
    return row;
  };
  const read = async () => {
    const id = choose(IDS);
    await choose(caches).get(testContext(), id, () => load(id));
  };
  const write = async () => {
    const id = choose(IDS);
    const version = ++versions;
    const deletes = random(4) === 0;
    if (deletes) table.delete(id);
    else table.set(id, doc(id, version));
    await latency();
    if (deletes) await choose(caches).bury(testContext(), id, version);
    else await choose(caches).put(testContext(), id, doc(id, version));
  };
  const wipe = async () => {
    await latency();
    await engine.send(NOBODY, [{ name: 'flushall', args: [] }], 5_000);
  };

  const stale: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const work = Array.from({ length: 16 }, () => (random(3) === 0 ? write() : read()));
    await Promise.all(round % 3 === 0 ? [...work, wipe()] : work);
    for (const id of IDS) {
      const seen = await choose(caches).get(testContext(), id, async () => table.get(id));
      if (seen?.version !== table.get(id)?.version) stale.push(`${id} in round ${round}`);
    }
  }
  expect(stale).toEqual([]);
});

test('a read that starts after a write was acknowledged never sees the state before it', async () => {
  const namespace = uniqueNamespace();
  const mine = bench().docs({ namespace });
  const theirs = bench().docs({ namespace, redis: await bench().another() });
  let row = doc('a', 0);
  const load = async () => {
    const read = row;
    await turn();
    return read;
  };
  let acknowledged = 0;
  let writing = true;
  const reader = async (cache: typeof mine) => {
    while (writing) {
      const least = acknowledged;
      const seen = await cache.get(testContext(), 'a', load);
      expect(seen!.version).toBeGreaterThanOrEqual(least);
    }
  };
  const writer = async () => {
    for (let version = 1; version <= 500; version++) {
      row = doc('a', version);
      await mine.put(testContext(), 'a', row);
      acknowledged = version;
      if (version % 50 === 0) await bench().tester.send(NOBODY, [{ name: 'flushall', args: [] }]);
    }
    writing = false;
  };
  await Promise.all([writer(), reader(mine), reader(theirs), reader(mine), reader(theirs)]);
});

/** The version of names that change hands: that of their owners says nothing about the next. */
const SAME = Number.MAX_SAFE_INTEGER;

test('a reader who saw a tombstone stores no "there is none" under the next one, though both have one version', async () => {
  const [mine, theirs] = await bothOf(uniqueNamespace());
  const { early, row } = await heldUnderTombstone(mine);
  await theirs.bury(testContext(), 'a', SAME);
  row.resolve(undefined);
  expect(await early).toBeUndefined();
  expect(await theirs.get(testContext(), 'a', async () => doc('a', 1))).toEqual(doc('a', 1));
});

test('a read that starts under a second tombstone of one version does not join the load of the first', async () => {
  const [mine, theirs] = await bothOf(uniqueNamespace());
  const { early, row } = await heldUnderTombstone(mine);
  await theirs.bury(testContext(), 'a', SAME);
  const late = mine.get(testContext(), 'a', async () => doc('a', 1));
  await mine.get(testContext(), 'other', async () => undefined);
  row.resolve(undefined);
  expect(await late).toEqual(doc('a', 1));
  expect(await early).toBeUndefined();
});

const bothOf = async (namespace: string) =>
  [bench().docs({ namespace }), bench().docs({ namespace, redis: await bench().another() })] as const;

/** A load that began under a tombstone and ends when `row` does. */
const heldUnderTombstone = async (docs: ReturnType<ReturnType<typeof bench>['docs']>) => {
  await docs.get(testContext(), 'a', async () => undefined);
  await docs.bury(testContext(), 'a', SAME);
  const row = Promise.withResolvers<Doc | undefined>();
  const began = Promise.withResolvers<void>();
  const early = docs.get(testContext(), 'a', () => {
    began.resolve();
    return row.promise;
  });
  await began.promise;
  return { early, row };
};
