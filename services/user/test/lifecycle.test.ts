import { newId, type Context } from '@plaza/core';
import { put } from '@plaza/dynamo';
import { sessionsRevoked, userDeleted, userRestored, userUpdated } from '@plaza/events';
import { UserState } from '@plaza/proto/plaza/user/v1/user_service';
import { asAdmin, asService, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { keys, usersTable } from '../src/store/table.ts';
import { backdate, euro, people, refusal, registration } from './builders.ts';
import { listen } from './listen.ts';
import { startService, type Service } from './service.ts';

const DAY = 24 * 3_600_000;
const PASSWORD = 'correct horse battery staple';
const NOT_FOUND = { code: 'NOT_FOUND', reason: 'USER_NOT_FOUND' };

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

test('who is deleted is found by nobody but admins, and nobody gets the names', async () => {
  const ada = await person();
  // Once before, so that it comes from the cache.
  await readings(ada.userId, ada.username);
  const { deleteTime, restorableUntilTime } = await remove(ada.userId);
  expect(restorableUntilTime!.getTime() - deleteTime!.getTime()).toBe(30 * DAY);
  expect(await readings(ada.userId, ada.username)).toEqual(NO_READINGS);

  const gone = { userId: ada.userId, username: ada.username, email: ada.email, state: UserState.DELETED, deleteTime, etag: '2' };
  const { user } = await service.users.getUser(asAdmin(), { by: { $case: 'userId', value: ada.userId } });
  expect(user).toMatchObject(gone);
  expect((await service.users.lookupUser(asAdmin(), { email: ada.email })).user).toEqual(user);
  expect(await refusal(service.users.lookupUser(asService('order'), { email: ada.email }))).toMatchObject(NOT_FOUND);
  const named = service.users.createUser(testContext(), registration({ username: ada.username }));
  expect(await refusal(named)).toMatchObject({ reason: 'USERNAME_TAKEN' });
  const mailed = service.users.createUser(testContext(), registration({ email: ada.email }));
  expect(await refusal(mailed)).toMatchObject({ reason: 'EMAIL_TAKEN' });
});

test('who is deleted is signed out everywhere, cannot sign in, and nothing of theirs can be changed', async () => {
  const wish = registration({ password: PASSWORD });
  const { user } = await service.users.createUser(testContext(), wish);
  const signIn = () =>
    service.sessions.createSession(testContext(), { login: wish.username, password: PASSWORD, requestId: newId() });
  const { tokens } = await signIn();
  await remove(user!.userId);
  expect(await refusal(signIn())).toMatchObject({ reason: 'BAD_CREDENTIALS' });
  const refresh = { refreshToken: tokens!.refreshToken, requestId: newId() };
  expect(await refusal(service.sessions.refreshSession(testContext(), refresh))).toMatchObject({
    reason: 'REFRESH_TOKEN_INVALID',
  });
  const { userId } = user!;
  const change = { userId, changes: { bio: 'x' }, updateMask: ['bio'], requestId: newId() };
  expect(await refusal(service.users.updateUser(asUser(userId), change))).toMatchObject(NOT_FOUND);
  expect(await refusal(service.users.getPreferences(asUser(userId), { userId }))).toMatchObject(NOT_FOUND);
  const preference = { userId, preferences: { sharePurchases: true }, updateMask: ['share_purchases'], requestId: newId() };
  expect(await refusal(service.users.updatePreferences(asUser(userId), preference))).toMatchObject(NOT_FOUND);

  await restore(userId);
  expect((await signIn()).userId).toBe(userId);
});

test('a deletion is repeated with its request and refused with another; the etag is looked at', async () => {
  const ada = await person();
  const stale = service.users.deleteUser(asUser(ada.userId), { userId: ada.userId, etag: '7', requestId: newId() });
  expect(await refusal(stale)).toMatchObject({ code: 'ABORTED', reason: 'ETAG_MISMATCH' });
  const request = { userId: ada.userId, etag: ada.etag, requestId: newId() };
  const call = () => service.users.deleteUser(asUser(ada.userId), request);
  const [first, ...rest] = await Promise.all([call(), call(), call()]);
  for (const answer of rest) expect(answer).toEqual(first);
  expect(await refusal(remove(ada.userId))).toMatchObject(NOT_FOUND);
  expect(await refusal(remove(ada.userId, asAdmin()))).toMatchObject(NOT_FOUND);
  await restore(ada.userId);
  // The first answer, and not another deletion.
  expect(await call()).toEqual(first);
  expect((await readings(ada.userId, ada.username)).byId).toBe(ada.userId);
  expect(await refusal(service.users.deleteUser(asUser(ada.userId), { ...request, etag: '' }))).toMatchObject({
    reason: 'REQUEST_ID_REUSED',
  });
});

test('of many who delete at once one does', async () => {
  const ada = await person();
  const ends = await Promise.all(Array.from({ length: 8 }, () => refusal(remove(ada.userId))));
  expect(ends.filter((end) => end === 'no refusal')).toHaveLength(1);
  expect(ends.filter((end) => end !== 'no refusal')).toEqual(
    Array.from({ length: 7 }, () => expect.objectContaining(NOT_FOUND) as unknown),
  );
});

test('who comes back within 30 days is who they were', async () => {
  const ada = await person();
  expect(await refusal(restore(ada.userId))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'USER_NOT_DELETED' });
  await remove(ada.userId);
  await backdate(service, ada.userId, 30 * DAY - 60_000);
  const requestId = newId();
  const { user } = await restore(ada.userId, requestId);
  expect(user).toEqual({ ...ada, etag: '3', updateTime: user?.updateTime });
  await remove(ada.userId);
  expect((await restore(ada.userId, requestId)).user).toEqual(user);
  expect(await readings(ada.userId, ada.username)).toEqual(NO_READINGS);
  await restore(ada.userId);
  expect(await readings(ada.userId, ada.username)).toEqual({ byId: ada.userId, byName: ada.userId, missing: [] });
});

test('after 30 days nobody comes back', async () => {
  const ada = await person();
  await remove(ada.userId);
  await backdate(service, ada.userId, 30 * DAY + 1);
  expect(await refusal(restore(ada.userId))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'RESTORE_WINDOW_OVER' });
});

test('the wallet of who is deleted is closed until they are back; orders of before settle', async () => {
  const { wallets } = service;
  const [ada, bob] = (await people(service, 2, 20)) as [string, string];
  const hold = async (userId: string) => {
    const orderId = newId();
    await wallets.placeHold(asService('order'), { orderId, userId, amount: euro(5), requestId: newId() });
    return orderId;
  };
  const credit = (userId: string) =>
    wallets.creditWallet(asAdmin(), { userId, amount: euro(1), reason: 'gift', requestId: newId() });
  const transfer = (fromUserId: string, toUserId: string) =>
    wallets.transferBalance(asUser(fromUserId), { fromUserId, toUserId, amount: euro(1), requestId: newId() });
  const [bought, returned, sold] = [await hold(ada), await hold(ada), await hold(bob)];

  await remove(ada);
  const movements = () => [credit(ada), hold(ada), transfer(ada, bob), transfer(bob, ada)];
  for (const end of await Promise.all(movements().map(refusal))) expect(end).toMatchObject(NOT_FOUND);
  const capture = (orderId: string, userId: string) =>
    wallets.captureHold(asService('order'), { orderId, payouts: [{ userId, amount: euro(5) }], requestId: newId() });
  await capture(bought, bob);
  await capture(sold, ada);
  await wallets.releaseHold(asService('order'), { orderId: returned, requestId: newId() });
  const { wallet } = await wallets.getWallet(asAdmin(), { userId: ada });
  expect(wallet).toMatchObject({ balance: euro(20), available: euro(20), held: euro(0) });

  await restore(ada);
  await Promise.all(movements());
});

test('every change is told, with what others need of it', async () => {
  const heard: object[] = [];
  const ada = await person();
  const ear = listen(service, (on) => {
    const hear = (event: object & { userId: string }) => event.userId === ada.userId && heard.push(event);
    on(userUpdated, hear);
    on(userDeleted, hear);
    on(userRestored, hear);
    on(sessionsRevoked, hear);
  });
  const changes = { username: registration().username, isPrivate: true };
  const change = { userId: ada.userId, changes, updateMask: ['is_private', 'username'], requestId: newId() };
  const { user } = await service.users.updateUser(asUser(ada.userId), change);
  const { deleteTime } = await remove(ada.userId);
  const { user: back } = await restore(ada.userId);
  const { userId } = ada;
  const expected = [
    { userId, mask: ['is_private', 'username'], ...changes, updateTime: user?.updateTime },
    { userId, sessionId: '', epoch: 1n },
    { userId, deleteTime, isPrivate: true },
    { userId, restoreTime: back?.updateTime, isPrivate: true },
  ];
  await eventually(() => expect(heard).toHaveLength(expected.length));
  expect(heard).toEqual(expect.arrayContaining(expected));
  await ear.close();
});

test('who may do it is proven by the token', async () => {
  const [ada, bob] = [await person(), await person()];
  const denied = { reason: 'POLICY_DENIED' };
  expect(await refusal(remove(ada.userId, asUser(bob.userId)))).toMatchObject(denied);
  expect(await refusal(remove(ada.userId, asService('feed', ada.userId)))).toMatchObject(denied);
  await remove(ada.userId, asAdmin());
  const back = service.users.undeleteUser(asUser(ada.userId), { userId: ada.userId, requestId: newId() });
  expect(await refusal(back)).toMatchObject(denied);
  expect(await refusal(remove(newId(), asAdmin()))).toMatchObject(NOT_FOUND);
  expect(await refusal(restore(newId()))).toMatchObject(NOT_FOUND);
});

test('a profile of before there were pictures, privacy and states is that of an active, public person without a picture', async () => {
  const userId = newId();
  const old = { userId, username: `old_${newId().slice(-8)}`, email: 'old@example.org', displayName: '', bio: '' };
  const row = { ...keys.profile(userId), ...old, version: 1, createdAt: 1000, updatedAt: 1000 };
  await service.app.db.write(testContext(), put(usersTable, row));
  const { user } = await service.users.getUser(asAdmin(), { by: { $case: 'userId', value: userId } });
  expect(user).toMatchObject({ ...old, imageUrl: '', isPrivate: false, state: UserState.ACTIVE, deleteTime: undefined });
  await service.users.setPassword(asAdmin(), { userId, newPassword: PASSWORD, requestId: newId() });
  const preference = { userId, preferences: { sharePurchases: true }, updateMask: ['share_purchases'], requestId: newId() };
  await service.users.updatePreferences(asUser(userId), preference);
  await service.leaderboards.addScore(asAdmin(), { board: `b${newId().toLowerCase()}`, userId, delta: 1n, eventId: newId() });
});

const person = async () => (await service.users.createUser(testContext(), registration())).user!;
const remove = (userId: string, ctx: Context = asUser(userId)) => service.users.deleteUser(ctx, { userId, requestId: newId() });
const restore = (userId: string, requestId = newId()) => service.users.undeleteUser(asAdmin(), { userId, requestId });

/** Whom the readers of the public find. */
const readings = async (userId: string, username: string) => {
  const found = (by: { $case: 'userId' | 'username'; value: string }) =>
    service.users.getUser(testContext(), { by }).then(
      ({ user }) => user?.userId,
      () => 'nobody',
    );
  const [byId, byName] = await Promise.all([
    found({ $case: 'userId', value: userId }),
    found({ $case: 'username', value: username }),
  ]);
  const { missingIds } = await service.users.batchGetUsers(asService('feed'), { userIds: [userId] });
  return { byId, byName, missing: missingIds.map(() => 'missing') };
};
const NO_READINGS = { byId: 'nobody', byName: 'nobody', missing: ['missing'] };
