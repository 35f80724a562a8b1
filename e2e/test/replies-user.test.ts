import { newId, type Context } from '@plaza/core';
import { UserState } from '@plaza/proto/plaza/user/v1/user_service';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { replyLoser } from '../src/lost-replies.ts';
import { euros, startWorld, type World } from '../src/world.ts';

// As in replies.test.ts: the work is done, the reply is swallowed, the call is repeated with its id.
let world: World;
let losingTheReply: ReturnType<typeof replyLoser>;
beforeAll(async () => {
  world = await startWorld({ services: ['user', 'social-graph'], proxies: ['user'] });
  losingTheReply = replyLoser(world);
});
afterAll(() => world?.close());

const PASSWORD = 'correct horse battery';
const admin = () => world.plaza.asAdmin(10_000);
const self = (userId: string) => world.plaza.asUser(userId, 10_000);
const anonymous = (): Context => ({ ...admin(), caller: { kind: 'anonymous' } });

test('UpdateUser: changed once, and the answer is that of the first', async () => {
  const { users } = world.plaza.clients;
  const userId = await world.person();
  const requestId = newId();
  const changes = { username: `r${requestId.slice(-12).toLowerCase()}`, bio: 'Hello' };
  const { user } = await losingTheReply('user', requestId, () =>
    users.updateUser(self(userId), { userId, changes, updateMask: ['username', 'bio'], requestId }),
  );
  expect(user).toMatchObject({ userId, ...changes, etag: '2' });
  const read = await users.getUser(self(userId), { by: { $case: 'username', value: changes.username } });
  expect(read.user).toEqual(user);
});

test('DeleteUser, UndeleteUser, PurgeUser: each once, with the first answer', async () => {
  const { users } = world.plaza.clients;
  const userId = await world.person();
  const ids = [newId(), newId(), newId(), newId()] as const;
  const deleted = await losingTheReply('user', ids[0], () => users.deleteUser(self(userId), { userId, requestId: ids[0] }));
  expect(await users.deleteUser(self(userId), { userId, requestId: ids[0] })).toEqual(deleted);
  const restored = await losingTheReply('user', ids[1], () => users.undeleteUser(admin(), { userId, requestId: ids[1] }));
  expect(restored.user).toMatchObject({ userId, state: UserState.ACTIVE });
  await users.deleteUser(admin(), { userId, requestId: ids[2] });
  const first = await losingTheReply('user', ids[3], () => users.purgeUser(admin(), { userId, requestId: ids[3] }));
  const again = await users.purgeUser(admin(), { userId, requestId: ids[3] });
  expect(again.purge?.createTime).toEqual(first.purge?.createTime);
});

test('UpdatePreferences: agreed once', async () => {
  const { users } = world.plaza.clients;
  const userId = await world.person();
  const requestId = newId();
  const wish = { userId, preferences: { sharePurchases: true }, updateMask: ['share_purchases'], requestId };
  const answer = await losingTheReply('user', requestId, () => users.updatePreferences(self(userId), wish));
  expect(await users.getPreferences(self(userId), { userId })).toEqual(answer);
});

test('DeleteSession, DeleteAllSessions, SetPassword: what ended has ended, and the repetition is no refusal', async () => {
  const { users, sessions } = world.plaza.clients;
  const login = `s${newId().slice(-12).toLowerCase()}`;
  const wish = { username: login, email: `${login}@example.com`, password: PASSWORD, requestId: newId() };
  const { user } = await users.createUser(anonymous(), wish);
  const userId = user!.userId;
  const signIn = (password = PASSWORD) => sessions.createSession(anonymous(), { login, password, requestId: newId() });
  const living = async () => (await sessions.listSessions(self(userId), { userId })).sessions;

  await signIn();
  await signIn();
  const [newest] = await living();
  const ids = [newId(), newId(), newId()] as const;
  const one = { userId, sessionId: newest!.sessionId, requestId: ids[0] };
  await losingTheReply('user', ids[0], () => sessions.deleteSession(self(userId), one));
  expect(await living()).toHaveLength(1);
  await losingTheReply('user', ids[1], () => sessions.deleteAllSessions(self(userId), { userId, requestId: ids[1] }));
  expect(await living()).toEqual([]);
  // What came after the first is not ended by its repetition.
  await signIn();
  await sessions.deleteAllSessions(self(userId), { userId, requestId: ids[1] });
  expect(await living()).toHaveLength(1);

  const change = { userId, currentPassword: PASSWORD, newPassword: 'another horse battery', requestId: ids[2] };
  await losingTheReply('user', ids[2], () => users.setPassword(self(userId), change));
  expect(await living()).toEqual([]);
  await signIn('another horse battery');
});

test('TransferBalance: moved once', async () => {
  const { wallets } = world.plaza.clients;
  const [from, to] = [await world.person(), await world.person()];
  await world.fund(from, 20);
  const requestId = newId();
  const wish = { fromUserId: from, toUserId: to, amount: euros(7), requestId };
  const first = await losingTheReply('user', requestId, () => wallets.transferBalance(self(from), wish));
  expect(await wallets.transferBalance(self(from), wish)).toEqual(first);
  expect((await world.wallet(from)).balance).toBe(1_300n);
  expect((await world.wallet(to)).balance).toBe(700n);
});

test('AddScore: counted once an event', async () => {
  const { leaderboards } = world.plaza.clients;
  const userId = await world.person();
  const wish = { board: 'replies', userId, delta: 5n, eventId: newId() };
  const { score } = await losingTheReply('user', wish.eventId, () => leaderboards.addScore(admin(), wish));
  expect(score).toBe(5n);
  await leaderboards.addScore(admin(), { ...wish, eventId: newId() });
  expect((await leaderboards.addScore(admin(), wish)).score).toBe(5n);
  expect((await leaderboards.getRank(admin(), { board: 'replies', userId })).score?.score).toBe(10n);
});
