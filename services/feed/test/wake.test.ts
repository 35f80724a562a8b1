import { newId } from '@plaza/core';
import { createMemoryDb } from '@plaza/dynamo';
import { asAdmin, asUser, testContext } from '@plaza/testing';
import { afterAll, expect, test } from 'vitest';

import { feedsInMemory, noRedis } from './in-memory.ts';

afterAll(() => noRedis.close());

const DAY_MS = 24 * 3_600_000;

test('of many who wake one feed at once, none is refused, and it is put together once', async () => {
  const viewer = newId();
  const { skeleton, states } = feedsInMemory({ db: createMemoryDb() });
  await Promise.all(Array.from({ length: 40 }, () => skeleton.open(asUser(viewer), viewer)));
  expect(await states.get(testContext(), viewer)).toMatchObject({ epoch: 1, state: 'BUILDING' });
});

test('what is marked as seen while a feed wakes stays seen', async () => {
  const [viewer, first, second] = [newId(), newId(), newId()];
  let meanwhile: (() => Promise<void>) | undefined;
  const db = createMemoryDb({
    faults: async ({ verb }) => {
      const happens = verb === 'write' ? meanwhile : undefined;
      if (happens) meanwhile = undefined;
      await happens?.();
      return undefined;
    },
  });
  const { skeleton, states } = feedsInMemory({ db });
  await skeleton.open(asUser(viewer), viewer);
  await states.markSeen(testContext(), viewer, first);
  meanwhile = () => states.markSeen(testContext(), viewer, second);
  await skeleton.rebuild(testContext(), viewer);
  expect(await states.get(testContext(), viewer)).toMatchObject({ epoch: 2, seen: second });
});

test('only its viewer keeps a feed awake: neither an admin who reads it nor a rebuilding does', async () => {
  const viewer = newId();
  let at = Date.now();
  const { skeleton, states } = feedsInMemory({ db: createMemoryDb(), now: () => at });
  const stateOf = () => states.get(testContext(), viewer);
  await skeleton.open(asAdmin(), viewer);
  expect(await stateOf()).toBeUndefined();
  await skeleton.open(asUser(viewer), viewer);
  const readAt = at;
  at += DAY_MS;
  await skeleton.open(asAdmin(), viewer);
  await skeleton.rebuild(asAdmin(), viewer);
  expect(await stateOf()).toMatchObject({ epoch: 2, readAt });
  await skeleton.open(asUser(viewer), viewer);
  expect(await stateOf()).toMatchObject({ epoch: 2, readAt: at });
});
