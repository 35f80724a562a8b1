import { connectRedis, createEntityCache } from '@plaza/cache';
import { mutationOf, newId, noMetrics, silentLog, type Context, type Mutation } from '@plaza/core';
import { createMemoryDb, type Db } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';

import { ERASING_SERVICES } from '../src/domain/purge.ts';
import { newUser, type User, type UserChanges, type UserPath } from '../src/domain/user.ts';
import { createLifecycleStore } from '../src/store/lifecycle-store.ts';
import { createPurgeStore } from '../src/store/purge-store.ts';
import { createRevoke } from '../src/store/revoke.ts';
import { createUserChangeStore } from '../src/store/user-changes.ts';
import { createUserStore, type Claim } from '../src/store/user-store.ts';
import { createUserWrites } from '../src/store/user-writes.ts';
import { dice, followAll, rolledFaults } from './dice.ts';
import { auditPeople, type Acknowledged } from './lifecycle-audit.ts';
import { settled } from './settled.ts';

const NAMES = ['Ada', 'ADA', 'bob', 'cyd', 'dot'];
const EMAILS = ['a@x.org', 'b@x.org', 'B@X.ORG', 'c@x.org', 'd@x.org'];

const username = fc.constantFrom(...NAMES);
const email = fc.constantFrom(...EMAILS);
/** One of those who are there by then. */
const who = fc.nat(5);
const paths = fc.uniqueArray(fc.constantFrom<UserPath>('username', 'email', 'bio'), { minLength: 1 });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('create' as const), username, email }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('change' as const), who, username, email, paths }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restore' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('ask' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('purge' as const), who }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const clients = fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 4 });
const schedules = fc.record({ dice, clients });

/** Away for good: what is written does not depend on the cache. */
const redis = connectRedis({ owner: 'user', url: 'redis://127.0.0.1:1', log: silentLog, metrics: noMetrics });
afterAll(() => redis.close());
const cache = { redis, namespace: '', ttlMs: 1000, versionOf: ({ version }: { version: number }) => version };
const profiles = createEntityCache<User>({ ...cache, name: 'profile' });
const claims = createEntityCache<Claim>({ ...cache, name: 'username' });

test(
  'however people come, rename themselves, go, return and are erased, each name is its one bearer’s',
  { timeout: 120_000 },
  async () => {
    let erasures = 0;
    const following = followAll(1000, schedules, async ({ dice, clients }) => {
      const roll = () => dice.next().value;
      const { faults, storm, calm } = rolledFaults(roll);
      const db = createMemoryDb({ faults });
      const act = actor(db);
      const present: string[] = [];
      const acknowledged: Acknowledged[] = [];
      const erased = new Set<string>();

      const play = async (steps: readonly Step[]) => {
        for (const step of steps) {
          const userId = step.do === 'create' ? newId() : present[step.who % Math.max(1, present.length)];
          if (userId === undefined) continue;
          const mutation = mutationOf(testContext(), newId(), step);
          const end = await settled(() => act(testContext(), mutation, step, userId));
          if (end.answer === undefined) continue;
          // Often once more, as after a reply lost on the way; a newcomer gets another id at each try.
          const sameOrNew = step.do === 'create' ? newId() : userId;
          const again = roll() < 30 ? await settled(() => act(testContext(), mutation, step, sameOrNew)) : end;
          expect(withoutEmail(again.answer)).toEqual(withoutEmail(end.answer));
          acknowledged.push(...end.answer);
          if (step.do === 'create') present.push(userId);
          if (step.do === 'purge') erased.add(userId);
        }
      };
      storm();
      await Promise.all(clients.map(play));
      calm();
      await auditPeople(db, { names: NAMES, emails: EMAILS, acknowledged, erased });
      erasures += erased.size;
    });
    await expect(following).resolves.toBeUndefined();
    expect(erasures, 'the schedules come to the end of people').toBeGreaterThan(20);
  },
);

/** An e-mail that was changed between two equal requests shows as it is by then. */
const withoutEmail = (answer: readonly Acknowledged[] | undefined) =>
  answer?.map(({ did, user }) => ({ did, user: user && { ...user, email: '' } }));

type Act = (ctx: Context, mutation: Mutation, step: Step, userId: string) => Promise<Acknowledged[]>;

const actor = (db: Db): Act => {
  const relay = { nudge: () => undefined, announce: async () => true };
  const now = Date.now;
  const tellStanding = async () => undefined;
  const users = createUserStore({ db, profiles, claims, relay, insistMs: 0 });
  const write = createUserWrites({ db, users });
  const changes = createUserChangeStore({ write, tellStanding, relay, now });
  const lifecycles = createLifecycleStore({ db, write, revoke: createRevoke({ db, relay }), tellStanding, relay, now });
  const purges = createPurgeStore({ db, users, relay, now });

  /** All services report, side by side and each until it is heard. */
  const reportAll = (userId: string) =>
    Promise.all(
      ERASING_SERVICES.map(async (service) => {
        const { end } = await settled(() => purges.report(testContext(), userId, service, { erased: [], kept: [] }));
        expect(end).toBe('ok');
      }),
    );

  return async (ctx, mutation, step, userId) => {
    switch (step.do) {
      case 'create': {
        const draft = newUser(userId, { username: step.username, email: step.email, displayName: '', bio: '' }, now());
        const user = await users.create(ctx, { mutation, user: draft, passwordHash: undefined });
        return [{ did: 'create', userId: user.userId, user }];
      }
      case 'change': {
        const wish: UserChanges = { ...step, displayName: '', bio: mutation.id, imageUrl: '', isPrivate: false };
        const user = await changes.change(ctx, mutation, { userId, etag: '', paths: step.paths, changes: wish });
        return [{ did: 'change', userId, user }];
      }
      case 'remove':
        await lifecycles.remove(ctx, mutation, userId, '');
        return [{ did: 'remove', userId }];
      case 'restore':
        return [{ did: 'restore', userId, user: await lifecycles.restore(ctx, mutation, userId) }];
      case 'ask':
        await purges.ask(ctx, mutation, userId);
        return [];
      case 'purge':
        await purges.ask(ctx, mutation, userId);
        await reportAll(userId);
        return [];
    }
  };
};
