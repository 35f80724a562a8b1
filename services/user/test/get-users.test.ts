import { newId } from '@plaza/core';
import type { CreateUserRequest, User } from '@plaza/proto/plaza/user/v1/user_service';
import { asAdmin, asService, asUser, testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { refusal, registration } from './builders.ts';
import { startService, type Service } from './service.ts';

/** Nobody listens on port 1. */
const NO_REDIS = 'redis://127.0.0.1:1';

test.each([
  ['with Redis', {}],
  ['without Redis', { redisUrl: NO_REDIS }],
])('%s', async (_, changes) => {
  const service = await startService(changes);
  try {
    await expect(readsAreRight(service)).resolves.toBeUndefined();
  } finally {
    await service.close();
  }
});

const readsAreRight = async (service: Service) => {
  const { users } = service;
  const [ada, bob] = [await registered(service, { username: `Ádá_${newId().slice(-8)}` }), await registered(service)];

  // By id and by any writing of the name, twice: from the table and from the cache.
  for (let round = 0; round < 2; round++) {
    expect((await users.getUser(testContext(), byId(ada.userId))).user).toEqual({ ...ada, email: '' });
    for (const name of [ada.username, ada.username.toUpperCase(), ada.username.normalize('NFD').normalize('NFC')])
      expect((await users.getUser(testContext(), byName(name))).user).toEqual({ ...ada, email: '' });
  }

  // The e-mail address is for the user itself and for admins.
  const emailFor = async (ctx: ReturnType<typeof testContext>) => (await users.getUser(ctx, byId(ada.userId))).user!.email;
  expect(await emailFor(asUser(ada.userId))).toBe(ada.email);
  expect(await emailFor(asAdmin())).toBe(ada.email);
  expect(await emailFor(asUser(bob.userId))).toBe('');
  expect(await emailFor(asService('feed', ada.userId))).toBe('');

  // A name that was asked for before it was taken is found as soon as it is.
  const name = registration().username;
  expect(await refusal(users.getUser(testContext(), byName(name)))).toMatchObject({
    code: 'NOT_FOUND',
    reason: 'USER_NOT_FOUND',
  });
  const late = await registered(service, { username: name });
  expect((await users.getUser(testContext(), byName(name))).user?.userId).toBe(late.userId);

  // Batches keep the order, name each id once, and list what is missing.
  const missing = newId();
  const batch = await users.batchGetUsers(asUser(bob.userId), { userIds: [bob.userId, missing, ada.userId, bob.userId] });
  expect(batch).toEqual({ users: [bob, { ...ada, email: '' }], missingIds: [missing] });
  expect(await refusal(users.batchGetUsers(testContext(), { userIds: [ada.userId] }))).toMatchObject({ reason: 'TOKEN_MISSING' });
};

const registered = async ({ users }: Service, changes: Partial<CreateUserRequest> = {}): Promise<User> =>
  (await users.createUser(testContext(), registration(changes))).user!;

const byId = (value: string) => ({ by: { $case: 'userId' as const, value } });
const byName = (value: string) => ({ by: { $case: 'username' as const, value } });
