import { newId } from '@plaza/core';
import { userErasureRequested, userPurged } from '@plaza/events';
import { PurgeState, UserState, type User } from '@plaza/proto/plaza/user/v1/user_service';
import { asAdmin, asService, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ERASING_SERVICES } from '../src/domain/purge.ts';
import { keys, usersTable } from '../src/store/table.ts';
import { backdate, refusal, registration } from './builders.ts';
import { listen } from './listen.ts';
import { startService, type Service } from './service.ts';

const PEERS = ERASING_SERVICES.filter((service) => service !== 'user');
const PASSWORD = 'correct horse battery staple';
/** Beyond the time that erasing waits after a deletion. */
const LATER_MS = 13_000;

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

test('five receipts end a purge: the person is a bare id, and the names are free', async () => {
  const ada = await gone();
  const { purge } = await ask(ada.userId);
  expect(purge).toMatchObject({ userId: ada.userId, state: PurgeState.RUNNING, finishTime: undefined });
  expect(purge!.receipts.map((receipt) => receipt.service)).toEqual([...ERASING_SERVICES]);

  for (const peer of PEERS.slice(1)) await report(peer, ada.userId);
  await ownReceipt(ada.userId);
  expect((await read(ada.userId)).state).toBe(PurgeState.RUNNING);
  expect((await read(ada.userId)).receipts.map(({ reportTime }) => reportTime !== undefined)).toEqual([
    false,
    true,
    true,
    true,
    true,
  ]);
  for (const taken of [{ username: ada.username }, { email: ada.email }])
    expect((await refusal(create(taken))) as object).toMatchObject({ code: 'ALREADY_EXISTS' });

  await report(PEERS[0]!, ada.userId);
  const done = await read(ada.userId);
  expect(done).toMatchObject({ state: PurgeState.DONE, finishTime: expect.any(Date) as Date });
  const { user: stone } = await service.users.getUser(asAdmin(), { by: { $case: 'userId', value: ada.userId } });
  const nothing = { username: '', email: '', displayName: '', bio: '', imageUrl: '', state: UserState.PURGED };
  expect(stone).toMatchObject({ userId: ada.userId, ...nothing });
  expect(await refusal(service.users.getUser(asUser(ada.userId), { by: { $case: 'userId', value: ada.userId } }))).toMatchObject({
    reason: 'USER_NOT_FOUND',
  });
  const heir = await create({ username: ada.username, email: ada.email });
  expect(heir.userId).not.toBe(ada.userId);
  const { user } = await service.users.getUser(testContext(), { by: { $case: 'username', value: ada.username } });
  expect(user?.userId).toBe(heir.userId);
});

test('this service erases password, sessions and preferences, closes sign-in for good, and says what it keeps', async () => {
  const wish = registration({ password: PASSWORD });
  const { userId } = await create(wish);
  const signIn = { login: wish.username, password: PASSWORD };
  for (let i = 0; i < 2; i++) await service.sessions.createSession(testContext(), { ...signIn, requestId: newId() });
  const preferences = { userId, preferences: { sharePurchases: true }, updateMask: ['share_purchases'], requestId: newId() };
  await service.users.updatePreferences(asUser(userId), preferences);
  await service.users.deleteUser(asUser(userId), { userId, requestId: newId() });
  await backdate(service, userId, LATER_MS);
  await ask(userId);
  const { erased, kept } = await ownReceipt(userId);
  expect(Object.fromEntries(erased.map(({ kind, count }) => [kind, count]))).toEqual({
    passwords: 1n,
    'sign-in counts': 1n,
    sessions: 2n,
    preferences: 1n,
  });
  expect(kept.join()).toContain('ledger entries');
  const { items } = await service.app.db.query(testContext(), usersTable, { pk: keys.profile(userId).pk });
  expect(items.map(({ sk }) => sk)).toEqual([keys.login(userId).sk, keys.profile(userId).sk]);
  expect(items[0]).toEqual({ ...keys.login(userId), epoch: 1, closedAt: expect.any(Number) as number });
});

test('nothing is erased in the first 12 seconds after the deletion', async () => {
  const ada = await create({ password: PASSWORD });
  await service.users.deleteUser(asUser(ada.userId), { userId: ada.userId, requestId: newId() });
  // One second is left of the twelve.
  await backdate(service, ada.userId, 11_000);
  await ask(ada.userId);
  for (const peer of PEERS) await report(peer, ada.userId);
  expect(await service.app.db.get(testContext(), usersTable, keys.password(ada.userId))).toBeDefined();
  await eventually(async () => expect((await read(ada.userId)).state).toBe(PurgeState.DONE));
});

test('the first report of a service stands, and reports race to one end', async () => {
  const ada = await gone();
  await ask(ada.userId);
  const reports = PEERS.flatMap((peer) => [1n, 2n, 3n].map((count) => report(peer, ada.userId, count)));
  await Promise.all(reports);
  await ownReceipt(ada.userId);
  const done = await read(ada.userId);
  expect(done.state).toBe(PurgeState.DONE);
  for (const peer of PEERS) await report(peer, ada.userId, 99n);
  expect(await read(ada.userId)).toEqual(done);
});

test('asking again asks those that have not reported, and answers how far it is', async () => {
  const ada = await gone();
  const seen: string[] = [];
  const ear = listen(service, (on) => {
    on(userErasureRequested, ({ userId }) => seen.push(userId));
    on(userPurged, ({ userId }) => seen.push(`purged ${userId}`));
  });
  const requestId = newId();
  const first = await ask(ada.userId, requestId);
  expect(await ask(ada.userId, requestId)).toEqual(first);
  await eventually(() => expect(seen.filter((userId) => userId === ada.userId)).toHaveLength(1));
  await report('feed', ada.userId);
  const again = await ask(ada.userId);
  expect(again.purge).toMatchObject({ state: PurgeState.RUNNING, createTime: first.purge?.createTime });
  expect(again.purge?.receipts[0]?.reportTime).toBeDefined();
  await eventually(() => expect(seen.filter((userId) => userId === ada.userId)).toHaveLength(2));

  for (const peer of PEERS) await report(peer, ada.userId);
  await eventually(async () => expect((await read(ada.userId)).state).toBe(PurgeState.DONE));
  expect((await ask(ada.userId)).purge).toEqual(await read(ada.userId));
  expect(await ask(ada.userId, requestId)).toEqual(first);
  await eventually(() => expect(seen).toContain(`purged ${ada.userId}`));
  await ear.close();
});

test('a purge is of deleted people only, and of those nobody comes back', async () => {
  const ada = await create();
  expect(await refusal(ask(ada.userId))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'USER_NOT_DELETED' });
  expect(await refusal(ask(newId()))).toMatchObject({ reason: 'USER_NOT_FOUND' });
  const none = { code: 'NOT_FOUND', reason: 'PURGE_NOT_FOUND' };
  expect(await refusal(read(ada.userId))).toMatchObject(none);
  expect(await refusal(report('feed', ada.userId))).toMatchObject(none);

  const bob = await gone();
  await ask(bob.userId);
  const restore = () => service.users.undeleteUser(asAdmin(), { userId: bob.userId, requestId: newId() });
  expect(await refusal(restore())).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'PURGE_RUNNING' });
  for (const peer of PEERS) await report(peer, bob.userId);
  await eventually(async () => expect((await read(bob.userId)).state).toBe(PurgeState.DONE));
  expect(await refusal(restore())).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'USER_NOT_DELETED' });
  expect(await refusal(service.users.deleteUser(asAdmin(), { userId: bob.userId, requestId: newId() }))).toMatchObject({
    reason: 'USER_NOT_FOUND',
  });
});

test('a purge and a return that race: one of them happens', async () => {
  for (let round = 0; round < 6; round++) {
    const ada = await gone();
    const [purged, restored] = await Promise.all([
      refusal(ask(ada.userId)),
      refusal(service.users.undeleteUser(asAdmin(), { userId: ada.userId, requestId: newId() })),
    ]);
    expect([purged, restored].filter((end) => end === 'no refusal')).toHaveLength(1);
    const { user } = await service.users.getUser(asAdmin(), { by: { $case: 'userId', value: ada.userId } });
    expect(user?.state).toBe(restored === 'no refusal' ? UserState.ACTIVE : UserState.DELETED);
  }
});

test('who may do it is proven by the token', async () => {
  const ada = await gone();
  const denied = { reason: 'POLICY_DENIED' };
  const request = { userId: ada.userId, requestId: newId() };
  for (const ctx of [asUser(ada.userId), asService('feed')]) {
    expect(await refusal(service.users.purgeUser(ctx, request))).toMatchObject(denied);
    expect(await refusal(service.users.getPurge(ctx, { userId: ada.userId }))).toMatchObject(denied);
  }
  await ask(ada.userId);
  for (const ctx of [asUser(ada.userId), asAdmin(), asService('user')])
    expect(await refusal(service.users.reportErasure(ctx, { userId: ada.userId }))).toMatchObject(denied);
});

const create = async (changes = {}): Promise<User> =>
  (await service.users.createUser(testContext(), registration(changes))).user!;

/** Deleted long enough ago. */
const gone = async (): Promise<User> => {
  const user = await create({ displayName: 'Ada', bio: 'counts' });
  await service.users.deleteUser(asUser(user.userId), { userId: user.userId, requestId: newId() });
  await backdate(service, user.userId, LATER_MS);
  return user;
};

const ask = (userId: string, requestId = newId()) => service.users.purgeUser(asAdmin(), { userId, requestId });
const read = async (userId: string) => (await service.users.getPurge(asAdmin(), { userId })).purge!;
const report = (peer: string, userId: string, count = 1n) =>
  service.users.reportErasure(asService(peer), { userId, erased: [{ kind: 'things', count }], kept: ['nothing'] });

const ownReceipt = (userId: string) =>
  eventually(async () => {
    const receipt = (await read(userId)).receipts.find((it) => it.service === 'user')!;
    expect(receipt.reportTime).toBeDefined();
    return receipt;
  });
