import { argon2Sync, randomBytes } from 'node:crypto';

import { userClients } from '@plaza/clients';
import { newId, noMetrics, silentLog } from '@plaza/core';
import { update } from '@plaza/dynamo';
import { createVerifier } from '@plaza/rpc';
import { asUser, testContext, testKeys } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { formatPhc } from '../src/domain/phc.ts';
import { keys, usersTable } from '../src/store/table.ts';
import { refusal, registration } from './builders.ts';
import { startService, type Service } from './service.ts';

const PASSWORD = 'correct horse battery staple';
const DAY = 24 * 3_600_000;

let service: Service;
let ahead = 0;
beforeAll(async () => {
  service = await startService({}, { now: () => Date.now() + ahead });
});
afterAll(() => service.close());

test('a user signs in by name or e-mail, in any case, and the access token proves who it is', async () => {
  const { user, signIn } = await registered();
  for (const login of [user.username, user.username.toUpperCase(), user.email.toUpperCase()]) {
    const { userId, tokens } = await signIn({ login });
    expect(userId).toBe(user.userId);
    const verifier = createVerifier(testKeys().keyring.verifyKeys);
    expect(verifier.verify(tokens!.accessToken)).toMatchObject({ kind: 'user', userId, session: { epoch: 0 } });
    expect(tokens!.accessExpireTime!.getTime() - Date.now()).toBeLessThanOrEqual(15 * 60_000);
    expect(Buffer.from(tokens!.refreshToken, 'base64url')).toHaveLength(32);
  }
});

test('a wrong password, an unknown login and a user without a password get one answer', async () => {
  const { signIn } = await registered();
  const imported = registration();
  await service.users.createUser(testContext(), imported);
  const answers = await Promise.all([
    refusal(signIn({ password: 'wrong horse' })),
    refusal(signIn({ login: 'nobody_at_all' })),
    refusal(signIn({ login: 'nobody@example.org' })),
    refusal(signIn({ login: imported.username })),
    refusal(signIn({ login: imported.username, password: 'x' })),
  ]);
  for (const answer of answers) {
    expect(answer).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'BAD_CREDENTIALS' });
    expect(answer).toEqual(answers[0]);
  }
});

test('whatever token comes along, one can sign in and refresh; elsewhere a bad one is refused', async () => {
  const { user, signIn } = await registered();
  const { tokens } = await signIn();
  await service.sessions.deleteAllSessions(asUser(user.userId), { userId: user.userId, requestId: newId() });
  for (const stale of ['nonsense', tokens!.accessToken]) {
    const clients = userClients({ address: service.address, token: () => stale, log: silentLog, metrics: noMetrics });
    const again = await clients.sessions.createSession(testContext(), { login: user.username, password: PASSWORD });
    await clients.sessions.refreshSession(testContext(), { refreshToken: again.tokens!.refreshToken });
    expect(await refusal(clients.sessions.getSession(testContext(), {}))).toMatchObject({ code: 'UNAUTHENTICATED' });
    clients.close();
  }
});

test('a refresh token works once and gives the next', async () => {
  const { signIn } = await registered();
  const first = (await signIn()).tokens!.refreshToken;
  const second = (await refresh(first)).tokens!.refreshToken;
  expect(second).not.toBe(first);
  await refresh(second);
});

test('reuse of an old token revokes the family, and only it', async () => {
  const { signIn } = await registered();
  const other = (await signIn()).tokens!.refreshToken;
  const first = (await signIn()).tokens!.refreshToken;
  const second = (await refresh(first)).tokens!.refreshToken;
  const invalid = { code: 'UNAUTHENTICATED', reason: 'REFRESH_TOKEN_INVALID' };
  expect(await refusal(refresh(first))).toMatchObject(invalid);
  expect(await refusal(refresh(second))).toMatchObject(invalid);
  await refresh(other);
});

test('of two that race with one token at most one gets another, and the family ends', async () => {
  const { signIn } = await registered();
  const token = (await signIn()).tokens!.refreshToken;
  const ends = await Promise.allSettled([refresh(token), refresh(token), refresh(token)]);
  const won = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
  expect(won).toHaveLength(1);
  expect(await refusal(refresh(won[0]!.tokens!.refreshToken))).toMatchObject({ reason: 'REFRESH_TOKEN_INVALID' });
});

test('a repeated sign-in or refresh, whose reply was lost, gets the first tokens and harms nothing', async () => {
  const { signIn } = await registered();
  const requestId = newId();
  const [a, b] = await Promise.all([signIn({ requestId }), signIn({ requestId })]);
  expect(b.tokens!.refreshToken).toBe(a.tokens!.refreshToken);
  expect(b.tokens!.accessExpireTime).toEqual(a.tokens!.accessExpireTime);

  const again = newId();
  const [c, d] = await Promise.all([refresh(a.tokens!.refreshToken, again), refresh(a.tokens!.refreshToken, again)]);
  const e = await refresh(a.tokens!.refreshToken, again);
  expect(new Set([c, d, e].map(({ tokens }) => tokens!.refreshToken)).size).toBe(1);
  await refresh(e.tokens!.refreshToken);
});

test('a request id does not serve other credentials', async () => {
  const [ada, bob] = [await registered(), await registered()];
  const requestId = newId();
  await ada.signIn({ requestId });
  expect(await refusal(bob.signIn({ requestId }))).toMatchObject({ reason: 'REQUEST_ID_REUSED' });
});

test('tokens die of age, also while their rows are still there', async () => {
  const { signIn } = await registered();
  const token = (await signIn()).tokens!.refreshToken;
  const unknown = Buffer.alloc(32, 7).toString('base64url');
  expect(await refusal(refresh(unknown))).toMatchObject({ reason: 'REFRESH_TOKEN_INVALID' });
  ahead = 8 * DAY;
  expect(await refusal(refresh(token))).toMatchObject({ reason: 'REFRESH_TOKEN_INVALID' });
  ahead = 0;
});

test('a hash of older costs is renewed when its owner signs in', async () => {
  const { user, signIn } = await registered();
  const key = keys.password(user.userId);
  await service.app.db.write(testContext(), update(usersTable, key, { set: { hash: cheapHash(PASSWORD) } }));
  await signIn();
  const { hash: renewed } = (await service.app.db.get(testContext(), usersTable, key))!;
  expect(renewed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  await signIn();
});

test('no token is in the table', async () => {
  const { signIn } = await registered();
  const requestId = newId();
  const { tokens } = await signIn({ requestId });
  const pk = `RQ#anonymous#plaza.user.v1.SessionService/CreateSession#${requestId}`;
  const row = await service.app.db.get(testContext(), usersTable, { pk, sk: 'RQ' });
  expect(row).toBeDefined();
  expect(JSON.stringify(row)).not.toContain(tokens!.refreshToken);
  expect(JSON.stringify(row)).not.toContain(tokens!.accessToken);
});

const registered = async () => {
  const request = registration({ password: PASSWORD });
  const { user } = await service.users.createUser(testContext(), request);
  const signIn = (changes: { login?: string; password?: string; requestId?: string } = {}) =>
    service.sessions.createSession(testContext(), {
      login: request.username,
      password: PASSWORD,
      requestId: newId(),
      ...changes,
    });
  return { user: user!, signIn };
};

const refresh = (refreshToken: string, requestId = newId()) =>
  service.sessions.refreshSession(testContext(), { refreshToken, requestId });

const cheapHash = (password: string): string => {
  const cost = { memoryKiB: 8192, passes: 1, lanes: 1 };
  const salt = randomBytes(16);
  const tag = argon2Sync('argon2id', { message: password, nonce: salt, memory: 8192, passes: 1, parallelism: 1, tagLength: 32 });
  return formatPhc({ ...cost, salt, tag });
};
