import { connectRedis, createEntityCache } from '@plaza/cache';
import { isAppError, mutationOf, newId, noMetrics, silentLog, type AppError } from '@plaza/core';
import { createMemoryDb, type Db } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';

import { newUser, type User } from '../src/domain/user.ts';
import type { Draft } from '../src/store/account-rows.ts';
import { keys, usersTable } from '../src/store/table.ts';
import { createUserImport } from '../src/store/user-import.ts';
import { userFrom } from '../src/store/user-rows.ts';
import { createUserStore } from '../src/store/user-store.ts';
import { dice, followAll, rolledFaults } from './dice.ts';

const NAMES = ['Ada', 'ADA', 'bob', 'cyd'];
const EMAILS = ['a@x.org', 'b@x.org', 'B@X.ORG', 'c@x.org'];

/** A group of one is CreateUser, a larger one BatchCreateUsers. */
const person = fc.record({ username: fc.constantFrom(...NAMES), email: fc.constantFrom(...EMAILS) });
const groups = fc.array(fc.array(person, { minLength: 1, maxLength: 4 }), { maxLength: 3 });
const schedules = fc.record({ dice, clients: fc.array(groups, { minLength: 2, maxLength: 4 }) });

/** Away for good: creation does not need the cache. */
const redis = connectRedis({ owner: 'user', url: 'redis://127.0.0.1:1', log: silentLog, metrics: noMetrics });
afterAll(() => redis.close());
const cache = { redis, namespace: '', ttlMs: 1000, versionOf: ({ version }: { version: number }) => version };
const profiles = createEntityCache<User>({ ...cache, name: 'profile' });
const claims = createEntityCache<{ userId: string; version: number }>({ ...cache, name: 'username' });

test('no race, conflict or lost reply gives a name to two, or keeps one for nobody', { timeout: 120_000 }, async () => {
  const following = followAll(1000, schedules, async ({ dice, clients }) => {
    const roll = () => dice.next().value;
    const { faults, storm, calm } = rolledFaults(roll);
    const db = createMemoryDb({ faults });
    const register = registrar(db);
    storm();
    const play = async (steps: (typeof clients)[number]) => {
      const ends: (User | AppError)[] = [];
      for (const people of steps) {
        const drafts = people.map(draftOf);
        const results = await register(drafts);
        // Often once more with the same request ids, but with new user ids, as the service would draw them.
        const again = people.map((it, i) => ({ ...draftOf(it), mutation: drafts[i]!.mutation }));
        const repeated = roll() < 30 ? await register(again) : results;
        expect(repeated.map(idOf)).toEqual(results.map(idOf));
        ends.push(...results);
      }
      return ends;
    };
    const ends = (await Promise.all(clients.map(play))).flat();
    calm();
    const registered = ends.filter((end): end is User => !(end instanceof Error));
    await auditNames(db, registered);
  });
  await expect(following).resolves.toBeUndefined();
});

const draftOf = (person: { username: string; email: string }): Draft => ({
  mutation: mutationOf(testContext(), newId(), person),
  user: newUser(newId(), { ...person, displayName: '', bio: '' }, Date.now()),
  passwordHash: undefined,
});

/** Registers a group until each one is definitely registered or refused. */
const registrar = (db: Db) => {
  const relay = { nudge: () => undefined };
  const users = createUserStore({ db, profiles, claims, relay });
  const imports = createUserImport({ db, users, relay });
  return async (drafts: readonly Draft[]): Promise<(User | AppError)[]> => {
    for (;;) {
      try {
        const [only] = drafts;
        if (drafts.length === 1) return [await users.create(testContext(), only!)];
        const results = await imports.createMany(testContext(), drafts);
        return drafts.map((draft) => results.get(draft)!);
      } catch (error) {
        if (!isAppError(error)) throw error;
        if (!['UNAVAILABLE', 'ABORTED'].includes(error.code)) return [error];
      }
    }
  };
};

const auditNames = async (db: Db, registered: readonly User[]) => {
  const row = (key: { pk: string; sk: string }) => db.get(testContext(), usersTable, key);
  const byId = new Map(registered.map((user) => [user.userId, user]));
  const claimed = await Promise.all([...NAMES.map(keys.username), ...EMAILS.map(keys.email)].map(row));
  for (const claim of claimed)
    if (claim) expect(byId.has(claim['userId'] as string), `${claim.pk} belongs to someone`).toBe(true);
  for (const user of byId.values()) {
    expect(userFrom(await row(keys.profile(user.userId)))).toEqual(user);
    const owned = await Promise.all([keys.username(user.username), keys.email(user.email), keys.wallet(user.userId)].map(row));
    expect(owned.map((it) => it?.['userId'])).toEqual(owned.map(() => user.userId));
  }
  const shards = await Promise.all([0, 1, 2, 3].map((shard) => db.query(testContext(), usersTable, { pk: `OX#${shard}` })));
  const announced = shards.flatMap(({ items }) => items.map((item) => item['aggregateId'] as string));
  expect(announced.toSorted(), 'one event each').toEqual([...byId.keys()].toSorted());
};

const idOf = (end: User | AppError): string => (end instanceof Error ? 'refused' : end.userId);
