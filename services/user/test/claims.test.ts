import { connectRedis, createEntityCache, type Redis } from '@plaza/cache';
import { mutationOf, newId, noMetrics, silentLog } from '@plaza/core';
import { createMemoryDb } from '@plaza/dynamo';
import { eventually, startEngines, testContext, uniqueNamespace, type Engines } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { newUser, type User } from '../src/domain/user.ts';
import { createUserChangeStore } from '../src/store/user-changes.ts';
import { createUserStore, type Claim } from '../src/store/user-store.ts';
import { createUserWrites } from '../src/store/user-writes.ts';

let engines: Engines;
const opened: Redis[] = [];
beforeAll(async () => {
  engines = await startEngines();
});
afterAll(async () => {
  for (const redis of opened) await redis.close();
  await engines.close();
});

test('a claim that outlived its name leads to nobody else: the table is asked', async () => {
  const world = await newWorld();
  const ada = await world.register('ada');
  expect((await world.users.getByUsername(testContext(), 'ada'))?.userId).toBe(ada.userId);
  // Renamed by a process that died before it could tell of the name; of the profile it could.
  await world.renameUntold(ada, 'countess');
  const bob = await world.registerUntold('ada');
  for (let i = 0; i < 2; i++) expect((await world.users.getByUsername(testContext(), 'ADA'))?.userId).toBe(bob.userId);
  expect((await world.users.getByUsername(testContext(), 'countess'))?.userId).toBe(ada.userId);
});

test('what a dead process did not tell is told by the event', async () => {
  const world = await newWorld();
  const ada = await world.register('ada');
  await world.users.get(testContext(), ada.userId);
  expect(await world.users.getByUsername(testContext(), 'countess')).toBeUndefined();
  await world.changeUntold(ada, 'countess');
  expect((await world.users.get(testContext(), ada.userId))?.username, 'still cached').toBe('ada');
  await world.users.refresh(testContext(), ada.userId);
  expect((await world.users.get(testContext(), ada.userId))?.username).toBe('countess');
  expect((await world.users.getByUsername(testContext(), 'countess'))?.userId).toBe(ada.userId);
});

/** One table and two processes: one with the caches, and one that writes without a word to them. */
const newWorld = async () => {
  const db = createMemoryDb();
  const relay = { nudge: () => undefined };
  const cachesOf = (namespace: string) => {
    const redis = connectRedis({ owner: 'user', url: engines.redisUrl, log: silentLog, metrics: noMetrics });
    opened.push(redis);
    const cache = { redis, namespace, ttlMs: 60_000, versionOf: ({ version }: { version: number }) => version };
    const profiles = createEntityCache<User>({ ...cache, name: 'profile' });
    return { redis, profiles, claims: createEntityCache<Claim>({ ...cache, name: 'username' }) };
  };
  const [seen, unseen] = [cachesOf(uniqueNamespace()), cachesOf(uniqueNamespace())];
  await eventually(() => expect([seen.redis.up(), unseen.redis.up()]).toEqual([true, true]));
  const users = createUserStore({ db, ...seen, relay });
  const mute = createUserStore({ db, ...unseen, relay });
  const changes = createUserChangeStore({
    write: createUserWrites({ db, users: mute }),
    tellStanding: async () => undefined,
    relay,
    now: Date.now,
  });

  const registerAt = (store: typeof users) => (username: string) => {
    const user = newUser(newId(), { username, email: `${newId()}@x.org`, displayName: '', bio: '' }, Date.now());
    return store.create(testContext(), { mutation: mutationOf(testContext(), newId(), {}), user, passwordHash: undefined });
  };
  const changeUntold = ({ userId }: User, username: string) =>
    changes.change(testContext(), mutationOf(testContext(), newId(), {}), {
      userId,
      etag: '',
      paths: ['username'],
      changes: { username, email: '', displayName: '', bio: '', imageUrl: '', isPrivate: false },
    });
  const renameUntold = async (user: User, username: string) =>
    seen.profiles.put(testContext(), user.userId, await changeUntold(user, username));
  return { users, register: registerAt(users), registerUntold: registerAt(mute), changeUntold, renameUntold };
};
