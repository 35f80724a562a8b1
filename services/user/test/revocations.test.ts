import { newId } from '@plaza/core';
import { update } from '@plaza/dynamo';
import { asAdmin, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { keys, usersTable } from '../src/store/table.ts';
import { refusal, registration } from './builders.ts';
import { startService, type Service } from './service.ts';
import { claimOf, PASSWORD, signingIn } from './signing-in.ts';

const BAD_CREDENTIALS = { code: 'UNAUTHENTICATED', reason: 'BAD_CREDENTIALS' };
const PASSWORD_WRONG = { code: 'INVALID_ARGUMENT', reason: 'PASSWORD_WRONG' };
const DEAD_TOKEN = { code: 'UNAUTHENTICATED', reason: 'REFRESH_TOKEN_INVALID' };
const NO_SESSION = { code: 'NOT_FOUND', reason: 'SESSION_NOT_FOUND' };
const DENIED = { code: 'PERMISSION_DENIED', reason: 'POLICY_DENIED' };

let service: Service;
let it: ReturnType<typeof signingIn>;
beforeAll(async () => {
  service = await startService();
  it = signingIn(service);
});
afterAll(() => service.close());

test('who am I: the session of the token, its user, and how often that one signed in', async () => {
  const { userId, user, signIn } = await it.registered();
  await signIn();
  const { tokens, sessionId } = await signIn();
  const answer = await it.withToken(tokens.accessToken, ({ sessions }) => sessions.getSession(testContext(), {}));
  expect(answer.user).toEqual(user);
  expect(answer.session).toMatchObject({ sessionId, userId, current: true });
  expect(answer.session!.expireTime).toEqual(tokens.refreshExpireTime);
  expect(answer.loginCount).toBe(2n);

  expect(await service.sessions.getSession(asUser(userId), {})).toEqual({ session: undefined, user, loginCount: 2n });
  expect(await refusal(service.sessions.getSession(asAdmin(), {}))).toMatchObject(DENIED);
});

test('a refresh shows in the session, which stays the same', async () => {
  const { userId, signIn } = await it.registered();
  const { tokens, sessionId } = await signIn();
  const next = (await it.refresh(tokens.refreshToken)).tokens!;
  expect(claimOf(next.accessToken)).toEqual({ id: sessionId, epoch: 0 });
  const [only] = await it.listed(userId);
  expect(only!.sessionId).toBe(sessionId);
  expect(only!.expireTime).toEqual(next.refreshExpireTime);
  expect(only!.refreshTime!.getTime()).toBeGreaterThan(only!.createTime!.getTime());
});

test('living sessions are listed newest first, in pages, and no page token serves anybody else', async () => {
  const [{ userId, signIn }, other] = [await it.registered(), await it.registered()];
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.unshift((await signIn()).sessionId);
  await it.end(userId, ids[1]!);
  const living = ids.filter((id) => id !== ids[1]);
  const { tokens } = await signIn();

  const first = await it.withToken(tokens.accessToken, ({ sessions }) =>
    sessions.listSessions(testContext(), { userId, pageSize: 2 }),
  );
  expect(first.sessions.map(({ current }) => current)).toEqual([true, false]);
  const rest = await service.sessions.listSessions(asUser(userId), { userId, pageSize: 3, pageToken: first.nextPageToken });
  expect([...first.sessions, ...rest.sessions].slice(1).map(({ sessionId }) => sessionId)).toEqual(living);
  expect(rest.nextPageToken).toBe('');

  const invalid = { code: 'INVALID_ARGUMENT', reason: 'PAGE_TOKEN_INVALID' };
  const { nextPageToken: pageToken } = first;
  const foreign = service.sessions.listSessions(asUser(other.userId), { userId: other.userId, pageToken });
  expect(await refusal(foreign)).toMatchObject(invalid);
  expect(await refusal(service.sessions.listSessions(asAdmin(), { userId, pageToken }))).toMatchObject(invalid);
  expect(await refusal(service.sessions.listSessions(asUser(other.userId), { userId }))).toMatchObject(DENIED);
});

test('signing out ends one session and leaves the others', async () => {
  const { userId, signIn } = await it.registered();
  const [gone, kept] = [await signIn(), await signIn()];
  const request = { userId, sessionId: gone.sessionId, requestId: newId() };
  await service.sessions.deleteSession(asUser(userId), request);
  await service.sessions.deleteSession(asUser(userId), request);

  expect(await refusal(it.refresh(gone.tokens.refreshToken))).toMatchObject(DEAD_TOKEN);
  expect((await it.listed(userId)).map(({ sessionId }) => sessionId)).toEqual([kept.sessionId]);
  expect([await it.isLive(userId, gone.sessionId), await it.isLive(userId, kept.sessionId)]).toEqual([false, true]);
  await it.refresh(kept.tokens.refreshToken);
});

test('whoever ends the own session is out, and hears of that also when asking the same again', async () => {
  const { userId, signIn } = await it.registered();
  const { tokens, sessionId } = await signIn();
  const request = { userId, sessionId, requestId: newId() };
  const revoked = { code: 'UNAUTHENTICATED', reason: 'SESSION_REVOKED' };
  await it.withToken(tokens.accessToken, async ({ sessions }) => {
    await sessions.getSession(testContext(), {});
    await sessions.deleteSession(testContext(), request);
    await eventually(async () => expect(await refusal(sessions.getSession(testContext(), {}))).toMatchObject(revoked));
    expect(await refusal(sessions.deleteSession(testContext(), request))).toMatchObject(revoked);
  });
});

test('a session that is unknown, of somebody else or over is not found', async () => {
  const [ada, bob] = [await it.registered(), await it.registered()];
  const { sessionId } = await ada.signIn();
  expect(await refusal(it.end(bob.userId, sessionId))).toMatchObject(NO_SESSION);
  expect(await refusal(it.end(bob.userId, newId()))).toMatchObject(NO_SESSION);
  const denied = service.sessions.deleteSession(asUser(bob.userId), { userId: ada.userId, sessionId, requestId: newId() });
  expect(await refusal(denied)).toMatchObject(DENIED);
  expect(await it.isLive(ada.userId, sessionId)).toBe(true);
  await it.end(ada.userId, sessionId);
  expect(await refusal(it.end(ada.userId, sessionId))).toMatchObject(NO_SESSION);
});

test('signing out everywhere ends what was there, once, and not what comes later', async () => {
  const { userId, signIn } = await it.registered();
  const before = [await signIn(), await signIn()];
  const request = { userId, requestId: newId() };
  await service.sessions.deleteAllSessions(asUser(userId), request);
  const after = await signIn();
  await service.sessions.deleteAllSessions(asUser(userId), request);

  for (const { tokens, sessionId } of before) {
    expect(await refusal(it.refresh(tokens.refreshToken))).toMatchObject(DEAD_TOKEN);
    expect(await it.isLive(userId, sessionId)).toBe(false);
  }
  expect(claimOf(after.tokens.accessToken)).toEqual({ id: after.sessionId, epoch: 1 });
  expect(await it.isLive(userId, after.sessionId, 1n)).toBe(true);
  expect(await it.isLive(userId, after.sessionId, 0n)).toBe(false);
  expect((await it.listed(userId)).map(({ sessionId }) => sessionId)).toEqual([after.sessionId]);

  const stranger = service.sessions.deleteAllSessions(asAdmin(), { userId: newId(), requestId: newId() });
  expect(await refusal(stranger)).toMatchObject({ reason: 'USER_NOT_FOUND' });
});

test('each end is told to all services by one event', async () => {
  const { userId, signIn } = await it.registered();
  const [one, stolen] = [await signIn(), await signIn()];
  await it.end(userId, one.sessionId);
  await it.refresh(stolen.tokens.refreshToken);
  for (let i = 0; i < 2; i++) expect(await refusal(it.refresh(stolen.tokens.refreshToken))).toMatchObject(DEAD_TOKEN);
  await service.sessions.deleteAllSessions(asAdmin(), { userId, requestId: newId() });
  expect(await it.told(userId)).toEqual([
    { sessionId: one.sessionId, epoch: 0n },
    { sessionId: stolen.sessionId, epoch: 0n },
    { sessionId: '', epoch: 1n },
  ]);
});

test('only services may ask whether a session lives', async () => {
  const { userId, signIn } = await it.registered();
  const request = { userId, sessionId: (await signIn()).sessionId, epoch: 0n };
  for (const ctx of [asUser(userId), asAdmin(), testContext()])
    expect(['POLICY_DENIED', 'TOKEN_MISSING']).toContain(
      ((await refusal(service.sessions.checkSession(ctx, request))) as { reason: string }).reason,
    );
});

test('a new password takes the current one, and ends all sessions', async () => {
  const { userId, signIn } = await it.registered();
  const { tokens, sessionId } = await signIn();
  const newPassword = 'a better horse';
  const wish = { userId, newPassword, requestId: newId() };
  for (const currentPassword of ['', 'wrong horse'])
    expect(await refusal(service.users.setPassword(asUser(userId), { ...wish, currentPassword }))).toMatchObject(PASSWORD_WRONG);
  expect(await it.isLive(userId, sessionId)).toBe(true);

  const request = { ...wish, currentPassword: PASSWORD };
  await service.users.setPassword(asUser(userId), request);
  await service.users.setPassword(asUser(userId), request);
  expect(await refusal(it.refresh(tokens.refreshToken))).toMatchObject(DEAD_TOKEN);
  expect(await it.isLive(userId, sessionId)).toBe(false);
  expect(await refusal(signIn())).toMatchObject(BAD_CREDENTIALS);
  await signIn(newPassword);
  const reused = service.users.setPassword(asUser(userId), { ...request, newPassword: 'another horse' });
  expect(await refusal(reused)).toMatchObject({ reason: 'REQUEST_ID_REUSED' });
});

test('an admin gives an imported user the first password; a common one is refused', async () => {
  const imported = registration();
  const { userId } = (await service.users.createUser(testContext(), imported)).user!;
  const wish = { userId, newPassword: PASSWORD, requestId: newId() };
  expect(await refusal(service.users.setPassword(asUser(userId), wish))).toMatchObject(PASSWORD_WRONG);
  const common = service.users.setPassword(asAdmin(), { ...wish, newPassword: 'Password123' });
  expect(await refusal(common)).toMatchObject({
    reason: 'PASSWORD_COMMON',
    details: { violations: [{ field: 'new_password' }] },
  });
  await service.users.setPassword(asAdmin(), wish);
  await service.sessions.createSession(testContext(), { login: imported.email, password: PASSWORD, requestId: newId() });
  const stranger = service.users.setPassword(asAdmin(), { ...wish, userId: newId(), requestId: newId() });
  expect(await refusal(stranger)).toMatchObject({ reason: 'USER_NOT_FOUND' });
});

test('who is deleted can neither sign in nor refresh', async () => {
  const { userId, signIn } = await it.registered();
  const { tokens, sessionId } = await signIn();
  const closed = update(usersTable, keys.login(userId), { set: { closedAt: Date.now() } });
  await service.app.db.write(testContext(), closed);
  expect(await refusal(signIn())).toMatchObject(BAD_CREDENTIALS);
  expect(await refusal(it.refresh(tokens.refreshToken))).toMatchObject(DEAD_TOKEN);
  expect(await it.isLive(userId, sessionId)).toBe(false);
  expect(await it.listed(userId)).toEqual([]);
});
