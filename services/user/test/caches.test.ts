import { isAppError, newId, pause } from '@plaza/core';
import { UserState, type CreateUserRequest } from '@plaza/proto/plaza/user/v1/user_service';
import { asAdmin, asService, createProxy, testContext, at } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { User } from '../src/domain/user.ts';
import { keys, usersTable } from '../src/store/table.ts';
import { userFrom } from '../src/store/user-rows.ts';
import { refusal, registration } from './builders.ts';
import { startService, type Service } from './service.ts';

const WRITERS = 4;
const STEPS = 20;
const PATIENCE_MS = 60_000;
const admin = () => asAdmin(PATIENCE_MS);

/** Two processes, one table, one Redis: what one writes the other reads. */
let here: Service;
let there: Service;
beforeAll(async () => {
  here = await startService();
  there = await startService({ namespace: here.config.namespace });
});
afterAll(() => Promise.all([there?.close(), here?.close()]));

test(
  'racing writers and readers leave nothing stale, and nobody reads what is older than what was acknowledged',
  { timeout: 120_000 },
  async () => {
    const names = Array.from({ length: 8 }, () => registration().username);
    const known = new Map<string, Truth>();
    const bearer = new Map<string, string | undefined>(names.map((name) => [name, undefined]));
    /** Odd while a write is under way, and another number after each: a read between two equal even ones raced with nothing. */
    const stamps = new Map<string, number>();
    const stamp = (things: readonly string[]) => things.map((it) => stamps.get(it) ?? 0).join();
    const quiet = (things: readonly string[]) => things.every((it) => (stamps.get(it) ?? 0) % 2 === 0);
    let writing = WRITERS;
    const compared = { names: 0, users: 0 };

    /** One at a time writes about one thing, so that the truth is known. Undefined: it was refused. */
    const write = async <T>(things: readonly string[], act: () => Promise<T>): Promise<T | undefined> => {
      while (!quiet(things)) await new Promise((resolve) => setImmediate(resolve));
      for (const it of things) stamps.set(it, (stamps.get(it) ?? 0) + 1);
      try {
        return await act();
      } catch (error) {
        if (isAppError(error, 'USERNAME_TAKEN')) return undefined;
        throw error;
      } finally {
        for (const it of things) stamps.set(it, stamps.get(it)! + 1);
      }
    };

    const rename = async (userId: string, username: string) => {
      const before = known.get(userId)!;
      await write([userId, before.username, username], async () => {
        const change = { userId, changes: { username }, updateMask: ['username'], requestId: newId() };
        await here.users.updateUser(admin(), change);
        if (bearer.has(before.username)) bearer.set(before.username, undefined);
        if (bearer.has(username)) bearer.set(username, userId);
        known.set(userId, { ...before, username, version: before.version + 1 });
      });
      await Promise.all([
        lookAtUser(there, userId),
        ...[before.username, username].filter((it) => bearer.has(it)).map((it) => lookAtName(there, it)),
      ]);
    };
    const register = async (username: string) => {
      const registered = await write([username], async () => {
        const { user } = await there.users.createUser(testContext({ timeoutMs: PATIENCE_MS }), registration({ username }));
        known.set(user!.userId, { username, version: 1, state: UserState.ACTIVE });
        if (bearer.has(username)) bearer.set(username, user!.userId);
        return user!.userId;
      });
      if (bearer.has(username)) await lookAtName(here, username);
      return registered;
    };
    const move = async (userId: string, state: UserState) => {
      await write([userId], async () => {
        const call = state === UserState.DELETED ? here.users.deleteUser : there.users.undeleteUser;
        await call(admin(), { userId, requestId: newId() });
        const before = known.get(userId)!;
        known.set(userId, { ...before, state, version: before.version + 1 });
      });
      await lookAtUser(state === UserState.DELETED ? there : here, userId);
    };

    const writer = async (n: number) => {
      const own = (await register(registration().username))!;
      for (let i = 0; i < STEPS; i++) {
        const name = names[(i * 3 + n) % names.length]!;
        if (i % 3 === 0) await rename(own, name);
        else if (i % 3 === 1) {
          await move(own, UserState.DELETED);
          await move(own, UserState.ACTIVE);
        } else {
          const newcomer = await register(name);
          if (newcomer !== undefined) await rename(newcomer, registration().username);
        }
      }
      writing--;
    };

    const lookAtName = async (service: Service, name: string) => {
      const [before, still, owner] = [stamp([name]), quiet([name]), bearer.get(name)];
      const found = await idOf(service, { $case: 'username', value: name });
      if (!still || stamp([name]) !== before) return;
      compared.names++;
      expect(found, `bearer of ${name}`).toBe(owner);
    };
    const lookAtUser = async (service: Service, userId: string) => {
      const [before, still, { version, state }] = [stamp([userId]), quiet([userId]), known.get(userId)!];
      const { user } = await service.users.getUser(admin(), { by: { $case: 'userId', value: userId } });
      const { missingIds } = await service.users.batchGetUsers(asService('feed'), { userIds: [userId] });
      expect(Number(user!.etag), 'never older than acknowledged').toBeGreaterThanOrEqual(version);
      if (!still || stamp([userId]) !== before) return;
      compared.users++;
      const hidden = missingIds.length === 1;
      expect({ etag: user!.etag, hidden }).toEqual({ etag: String(version), hidden: state !== UserState.ACTIVE });
    };
    const reader = async (service: Service, n: number) => {
      for (let i = n; writing > 0; i++) {
        await lookAtName(service, names[i % names.length]!);
        const userId = [...known.keys()][i % Math.max(1, known.size)];
        if (userId !== undefined) await lookAtUser(service, userId);
      }
    };

    const writers = Array.from({ length: WRITERS }, (_, n) => writer(n));
    await Promise.all([...writers, ...[here, there, here, there].map((service, n) => reader(service, n))]);
    expect(Math.min(compared.names, compared.users), 'reads that raced with nothing').toBeGreaterThan(20);

    const table = new Map<string, User>();
    for (const userId of known.keys())
      table.set(userId, userFrom(await here.app.db.get(testContext(), usersTable, keys.profile(userId)))!);
    for (const service of [here, there]) {
      for (const [userId, { version, username, state }] of table) {
        const { user } = await service.users.getUser(admin(), { by: { $case: 'userId', value: userId } });
        expect(user).toMatchObject({ etag: String(version), username, state: UserState[state] });
      }
      for (const name of names)
        expect(await idOf(service, { $case: 'username', value: name })).toBe(
          (await here.app.db.get(testContext(), usersTable, keys.username(name)))?.['userId'],
        );
    }
  },
);

test('a name that was looked for in vain is found by all as soon as it is taken', async () => {
  for (let round = 0; round < 5; round++) {
    const wish = registration();
    for (const service of [here, there, here, there])
      expect(await idOf(service, { $case: 'username', value: wish.username })).toBeUndefined();
    const userId = round % 2 === 0 ? await registered(wish) : await imported(wish);
    for (const service of [here, there]) expect(await idOf(service, { $case: 'username', value: wish.username })).toBe(userId);
  }
});

test('a Redis that is slow for a moment leaves nothing stale behind an answer', async () => {
  const { namespace, redisUrl } = here.config;
  await using opened = new AsyncDisposableStack();
  const proxy = opened.adopt(await createProxy({ target: new URL(redisUrl).host }), (it) => it.close());
  const slow = opened.adopt(await startService({ namespace, redisUrl: at(redisUrl, proxy) }), (it) => it.close());
  for (let round = 0; round < 5; round++) {
    const userId = await registered(registration());
    const look = async () => {
      const { users } = await there.users.batchGetUsers(asService('feed'), { userIds: [userId] });
      return users.map(({ username }) => username);
    };
    /** What the other process shows as soon as this one has answered. */
    const shownAfter = async (call: () => Promise<unknown>) => {
      proxy.stall();
      const healed = pause(150).then(() => proxy.heal());
      await call();
      const shown = await look();
      await healed;
      return shown;
    };
    expect(await look()).toHaveLength(1);
    expect(await shownAfter(() => slow.users.deleteUser(admin(), { userId, requestId: newId() }))).toEqual([]);
    const restore = () => slow.users.undeleteUser(admin(), { userId, requestId: newId() });
    expect(await shownAfter(restore)).toHaveLength(1);
    const { username } = registration();
    const change = { userId, changes: { username }, updateMask: ['username'], requestId: newId() };
    expect(await shownAfter(() => slow.users.updateUser(admin(), change))).toEqual([username]);
  }
});

test('the operator sees what each cache is good for', async () => {
  const { user } = await here.users.createUser(testContext(), registration());
  const missing = { $case: 'username', value: registration().username } as const;
  for (let i = 0; i < 3; i++) {
    await idOf(here, { $case: 'username', value: user!.username });
    expect(await refusal(here.users.getUser(testContext(), { by: missing }))).toMatchObject({ reason: 'USER_NOT_FOUND' });
  }
  const text = await (await fetch(`http://127.0.0.1:${here.app.adminPort}/metrics`)).text();
  const seen = [...text.matchAll(/^cache_requests_total\{cache="(\w+)",result="(\w+)"\} [1-9]/gm)].map(
    ([, cache, result]) => `${cache} ${result}`,
  );
  expect(seen).toEqual(
    expect.arrayContaining(['profile hit', 'profile miss', 'username hit', 'username miss', 'username negative']),
  );
});

const registered = async (wish: CreateUserRequest) => (await here.users.createUser(testContext(), wish)).user!.userId;
const imported = async (wish: CreateUserRequest) => {
  const { results } = await here.users.batchCreateUsers(asAdmin(), { users: [wish, registration()] });
  const created = results[0]!.result;
  return created?.$case === 'user' ? created.value.userId : '';
};

interface Truth {
  readonly username: string;
  readonly version: number;
  readonly state: UserState;
}

const idOf = (service: Service, by: { $case: 'userId' | 'username'; value: string }): Promise<string | undefined> =>
  service.users.getUser(admin(), { by }).then(
    ({ user }) => user?.userId,
    (error: unknown) => {
      if (isAppError(error, 'USER_NOT_FOUND')) return undefined;
      throw error;
    },
  );
