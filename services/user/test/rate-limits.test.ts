import { newId } from '@plaza/core';
import { asAdmin, asUser, eventually, startRedis, testContext, type Engine } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { refusal, registration } from './builders.ts';
import { startService, type Service } from './service.ts';

const PASSWORD = 'correct horse battery staple';
const LIMITED = { code: 'RESOURCE_EXHAUSTED', reason: 'RATE_LIMITED' };

// Its own, because it is killed and wiped.
let redis: Engine;
beforeAll(async () => (redis = await startRedis()));
afterAll(() => redis?.stop());

test('the sixth sign-in of one login is refused, in whatever spelling, also with the right password', async () => {
  await using service = await started();
  const { username } = await person(service);
  for (const login of [username, username.toUpperCase(), username, username.toUpperCase()])
    expect(await wrong(service, login)).toMatchObject({ reason: 'BAD_CREDENTIALS' });
  await signIn(service, username);
  const answer = await refusal(signIn(service, username.toUpperCase()));
  expect(answer).toMatchObject({ ...LIMITED, details: { domain: 'plaza', metadata: { limit: '5', window_s: '900' } } });
  const { retryAfterMs } = (answer as { details: { retryAfterMs: number } }).details;
  expect(retryAfterMs).toBeGreaterThan(800_000);
  expect(retryAfterMs).toBeLessThanOrEqual(900_000);
});

test('the sixth sign-in from one address is refused, whoever signs in', async () => {
  await using service = await started();
  for (let i = 0; i < 5; i++) expect(await wrong(service, `nobody_${i}`)).toMatchObject({ reason: 'BAD_CREDENTIALS' });
  const { username } = await person(service);
  expect(await refusal(signIn(service, username))).toMatchObject(LIMITED);
});

test('the sixth try at the password of a session is refused, also with the right one; an admin may set it', async () => {
  await using service = await started();
  const { users } = service;
  const { userId } = await person(service);
  const set = (currentPassword: string, ctx = asUser(userId)) =>
    users.setPassword(ctx, { userId, currentPassword, newPassword: `${PASSWORD} again`, requestId: newId() });
  for (let i = 0; i < 5; i++) expect(await refusal(set('not this one'))).toMatchObject({ reason: 'PASSWORD_WRONG' });
  expect(await refusal(set(PASSWORD))).toMatchObject({
    ...LIMITED,
    details: { metadata: { limit: '5', window_s: '900' } },
  });
  await set('', asAdmin());
});

test('the 101st registration in an hour from one address is refused, before its password is looked at; an admin may register', async () => {
  await using service = await started();
  const { users } = service;
  const common = () => users.createUser(testContext(), registration({ password: 'password' }));
  for (let i = 0; i < 100; i++) expect(await refusal(common())).toMatchObject({ reason: 'PASSWORD_COMMON' });
  expect(await refusal(common())).toMatchObject({ ...LIMITED, details: { metadata: { limit: '100', window_s: '3600' } } });
  await users.createUser(asAdmin(), registration());
});

test('the limit holds while Redis is away, and when it has forgotten everything', async () => {
  await using service = await started();
  for (let i = 0; i < 2; i++) expect(await wrong(service, 'somebody')).toMatchObject({ reason: 'BAD_CREDENTIALS' });
  await redis.kill();
  for (let i = 0; i < 3; i++) expect(await wrong(service, 'somebody')).toMatchObject({ reason: 'BAD_CREDENTIALS' });
  expect(await wrong(service, 'somebody')).toMatchObject(LIMITED);
  await redis.start();
  await redis.wipe();
  await eventually(async () => expect(await cacheIsUp(service)).toBe(true));
  expect(await wrong(service, 'somebody')).toMatchObject(LIMITED);
});

const started = async () => {
  const service = await startService({ rateLimits: 1, redisUrl: redis.url });
  await eventually(async () => expect(await cacheIsUp(service)).toBe(true));
  return { ...service, [Symbol.asyncDispose]: () => service.close() };
};

const cacheIsUp = async ({ app }: Service): Promise<boolean> => {
  const status = (await (await fetch(`http://127.0.0.1:${app.adminPort}/statusz`)).json()) as { cache: boolean };
  return status.cache;
};

const person = async ({ users }: Service) => {
  const request = registration({ password: PASSWORD });
  const { user } = await users.createUser(testContext(), request);
  return { ...request, userId: user!.userId };
};

const signIn = ({ sessions }: Service, login: string, password = PASSWORD) =>
  sessions.createSession(testContext(), { login, password, requestId: newId() });

const wrong = (service: Service, login: string) => refusal(signIn(service, login, 'not this one'));
