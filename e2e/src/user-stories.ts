import { newId, type Context } from '@plaza/core';
import { UserState, PurgeState } from '@plaza/proto/plaza/user/v1/user_service';
import { eventually } from '@plaza/testing';
import { expect } from 'vitest';

import { insist } from './insist.ts';
import { euros, type World } from './world.ts';

const PASSWORD = 'correct horse battery';
const PATIENCE = { timeoutMs: 45_000, everyMs: 100 };

/** What happens to people and their money, told by a careful client: each story ends as if nothing had ever crashed. */
export const userStories = (world: World) => {
  const { users, sessions, wallets, leaderboards, posts, graph, products } = world.plaza.clients;
  const admin = () => world.plaza.asAdmin(4_000);
  const self = (userId: string) => world.plaza.asUser(userId, 4_000);
  const anonymous = (): Context => ({ ...admin(), caller: { kind: 'anonymous' } });
  const person = () => insist(() => world.person());

  const member = async () => {
    const login = `m${newId().slice(-12).toLowerCase()}`;
    const wish = { username: login, email: `${login}@example.com`, password: PASSWORD, requestId: newId() };
    const { user } = await insist(() => users.createUser(anonymous(), wish));
    return { userId: user!.userId, login };
  };
  const signIn = async ({ login }: { login: string }, password = PASSWORD) => {
    const requestId = newId();
    return (await insist(() => sessions.createSession(anonymous(), { login, password, requestId }))).tokens!;
  };
  const sessionsOf = async (userId: string) => (await insist(() => sessions.listSessions(self(userId), { userId }))).sessions;
  const deadToken = async (refreshToken: string) => {
    const refused = await insist(() => sessions.refreshSession(anonymous(), { refreshToken, requestId: newId() })).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ reason: 'REFRESH_TOKEN_INVALID' });
  };
  const missing = (userId: string) =>
    eventually(async () => {
      expect(await users.batchGetUsers(admin(), { userIds: [userId] })).toMatchObject({ users: [], missingIds: [userId] });
    }, PATIENCE);

  const remove = async (userId: string) => {
    const requestId = newId();
    await insist(() => users.deleteUser(admin(), { userId, requestId }));
  };

  return {
    async rename() {
      const userId = await person();
      const name = `r${newId().slice(-12).toLowerCase()}`;
      const wish = { userId, changes: { username: name }, updateMask: ['username'], requestId: newId() };
      await insist(() => users.updateUser(admin(), wish));
      const { user } = await insist(() => users.getUser(admin(), { by: { $case: 'username', value: name } }));
      expect(user).toMatchObject({ userId, username: name, etag: '2' });
    },

    async agreeToShare() {
      const userId = await person();
      const wish = { userId, preferences: { sharePurchases: true }, updateMask: ['share_purchases'], requestId: newId() };
      await insist(() => users.updatePreferences(admin(), wish));
      const { preferences } = await insist(() => users.getPreferences(admin(), { userId }));
      expect(preferences).toEqual({ sharePurchases: true });
    },

    async leaveAndReturn() {
      const who = await member();
      const { refreshToken } = await signIn(who);
      await remove(who.userId);
      await missing(who.userId);
      await deadToken(refreshToken);
      const requestId = newId();
      const { user } = await insist(() => users.undeleteUser(admin(), { userId: who.userId, requestId }));
      expect(user).toMatchObject({ userId: who.userId, state: UserState.ACTIVE });
      await eventually(async () => {
        expect((await users.batchGetUsers(admin(), { userIds: [who.userId] })).missingIds).toEqual([]);
      }, PATIENCE);
      await signIn(who);
    },

    async signOut() {
      const who = await member();
      const [kept, ended] = [await signIn(who), await signIn(who)];
      const [newest] = await sessionsOf(who.userId);
      const wish = { userId: who.userId, sessionId: newest!.sessionId, requestId: newId() };
      await insist(() => sessions.deleteSession(self(who.userId), wish));
      expect(await sessionsOf(who.userId)).toHaveLength(1);
      await deadToken(ended.refreshToken);
      const { refreshToken } = kept;
      await insist(() => sessions.refreshSession(anonymous(), { refreshToken, requestId: newId() }));
    },

    async signOutEverywhere() {
      const who = await member();
      const tokens = [await signIn(who), await signIn(who)];
      const requestId = newId();
      await insist(() => sessions.deleteAllSessions(self(who.userId), { userId: who.userId, requestId }));
      expect(await sessionsOf(who.userId)).toEqual([]);
      for (const { refreshToken } of tokens) await deadToken(refreshToken);
    },

    async changePassword() {
      const who = await member();
      const { refreshToken } = await signIn(who);
      const [currentPassword, newPassword] = [PASSWORD, 'another horse battery'];
      const wish = { userId: who.userId, currentPassword, newPassword, requestId: newId() };
      await insist(() => users.setPassword(self(who.userId), wish));
      await deadToken(refreshToken);
      await signIn(who, newPassword);
    },

    async transfer() {
      const [from, to] = [await person(), await person()];
      const credit = { userId: from, amount: euros(20), reason: 'test', requestId: newId() };
      await insist(() => wallets.creditWallet(admin(), credit));
      const wish = { fromUserId: from, toUserId: to, amount: euros(7), note: 'lunch', requestId: newId() };
      await insist(() => wallets.transferBalance(self(from), wish));
      expect((await insist(() => world.wallet(from))).balance).toBe(1_300n);
      expect((await insist(() => world.wallet(to))).balance).toBe(700n);
      const { entries } = await insist(() => wallets.listLedgerEntries(self(to), { userId: to }));
      expect(entries).toHaveLength(1);
    },

    async score() {
      const userId = await person();
      const wish = { board: 'crashes', userId, delta: 5n, eventId: newId() };
      await insist(() => leaderboards.addScore(admin(), wish));
      expect((await insist(() => leaderboards.getRank(admin(), { board: 'crashes', userId }))).score?.score).toBe(5n);
    },

    /** Somebody with a trace in every service, who then leaves. */
    async departed() {
      const [userId, friend] = [await person(), await person()];
      const requestIds = [newId(), newId(), newId(), newId(), newId()] as const;
      const product = { sellerId: userId, name: 'Teapot', category: 'toys', price: euros(10), initialStock: 5n };
      await insist(() => products.createProduct(admin(), { ...product, requestId: requestIds[0] }));
      const post = { authorId: userId, text: 'Hello', requestId: requestIds[1] };
      const { postId } = (await insist(() => posts.createPost(self(userId), post))).post!;
      await insist(() => posts.like(self(userId), { userId, postId, requestId: requestIds[4] }));
      await insist(() => graph.follow(self(userId), { followerId: userId, followeeId: friend, requestId: requestIds[2] }));
      await insist(() => graph.follow(self(friend), { followerId: friend, followeeId: userId, requestId: requestIds[3] }));
      await remove(userId);
      return { userId, friend };
    },

    /** Erased by all five, each with a receipt; the friend's counts are right again and the name is free. */
    async erase({ userId, friend }: { userId: string; friend: string }) {
      const { user } = await insist(() => users.getUser(admin(), { by: { $case: 'userId', value: userId } }));
      const requestId = newId();
      await insist(() => users.purgeUser(admin(), { userId, requestId }));
      await eventually(async () => {
        const { purge } = await users.getPurge(admin(), { userId });
        expect(purge?.state).toBe(PurgeState.DONE);
        expect(purge?.receipts.map(({ service }) => service)).toEqual(['feed', 'order', 'product', 'social-graph', 'user']);
        expect(purge?.receipts.every(({ reportTime }) => reportTime !== undefined)).toBe(true);
      }, PATIENCE);
      await eventually(async () => {
        const { counts } = await graph.batchGetCounts(admin(), { userIds: [friend] });
        expect(counts).toMatchObject([{ followers: 0n, following: 0n }]);
      }, PATIENCE);
      await missing(userId);
      const { username, email } = user!;
      const heir = await insist(() => users.createUser(admin(), { username, email, requestId: newId() }));
      expect(heir.user?.userId).not.toBe(userId);
    },
  };
};
