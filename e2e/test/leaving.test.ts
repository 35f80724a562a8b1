import { eventAdminClient } from '@plaza/clients';
import { isAppError, newId, noMetrics, silentLog, type Context } from '@plaza/core';
import { PurgeState, UserState } from '@plaza/proto/plaza/user/v1/user_service';
import { asService, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { euros, startWorld, type World } from '../src/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

test('who is deleted is gone from every read of every service at once, and back at once when restored', async () => {
  const shop = await shopWithFollower();
  expect(await traces(shop)).toEqual(EVERYTHING);
  for (let round = 0; round < 3; round++) {
    await remove(shop.userId);
    expect(await traces(shop)).toEqual(NOTHING);
    await restore(shop.userId);
    expect(await traces(shop)).toEqual(EVERYTHING);
  }
});

test('who is deleted cannot be followed, bought from, paid or signed in as; orders in flight still settle', async () => {
  const { clients } = world.plaza;
  const shop = await shopWithFollower();
  const buyer = await world.person();
  await world.fund(buyer, 50);
  const { user } = await clients.users.getUser(admin(), { by: { $case: 'userId', value: shop.userId } });
  const password = 'correct horse battery staple';
  await clients.users.setPassword(admin(), { userId: shop.userId, newPassword: password, requestId: newId() });
  const signIn = () => clients.sessions.createSession(anyone(), { login: user!.username, password, requestId: newId() });
  expect((await signIn()).userId).toBe(shop.userId);
  // As far as the order service is with an order when it has set the money aside.
  const order = { orderId: newId(), amount: euros(10) };
  await clients.wallets.placeHold(asService('order'), { ...order, userId: buyer, requestId: newId() });
  await remove(shop.userId);
  expect(await refusal(signIn())).toMatchObject({ reason: 'BAD_CREDENTIALS' });
  expect(await refusal(world.follow(buyer, shop.userId))).toMatchObject({ reason: 'USER_NOT_FOUND' });
  expect(await refusal(world.order(buyer, shop.productId))).toMatchObject({ reason: 'PRODUCT_NOT_FOUND' });
  const gift = { fromUserId: buyer, toUserId: shop.userId, amount: euros(1), requestId: newId() };
  expect(await refusal(clients.wallets.transferBalance(world.plaza.asUser(buyer), gift))).toMatchObject({
    reason: 'USER_NOT_FOUND',
  });
  const payouts = [{ userId: shop.userId, amount: order.amount }];
  await clients.wallets.captureHold(asService('order'), { orderId: order.orderId, payouts, requestId: newId() });
  expect([await world.wallet(buyer), await world.wallet(shop.userId)]).toMatchObject([{ balance: 4_000n }, { balance: 1_000n }]);
});

test(
  'a purge erases in all five services, says what, frees the names last, and nothing brings the person back',
  { timeout: 90_000 },
  async () => {
    const { clients } = world.plaza;
    const { users } = clients;
    const shop = await shopWithFollower();
    await world.fund(shop.userId, 10);
    const { productId } = await world.shelf(1, 10);
    await world.order(shop.userId, productId);
    const { user } = await users.getUser(admin(), { by: { $case: 'userId', value: shop.userId } });
    const heir = { username: user!.username, email: user!.email };

    expect(await refusal(purge(shop.userId))).toMatchObject({ reason: 'USER_NOT_DELETED' });
    await remove(shop.userId);
    const requestId = newId();
    const started = await purge(shop.userId, requestId);
    expect(started.purge?.state).toBe(PurgeState.RUNNING);
    expect((await purge(shop.userId, requestId)).purge?.createTime).toEqual(started.purge?.createTime);
    expect(await refusal(users.undeleteUser(admin(), { userId: shop.userId, requestId: newId() }))).toMatchObject({
      reason: 'PURGE_RUNNING',
    });
    expect(await refusal(users.createUser(admin(), { ...heir, requestId: newId() }))).toMatchObject({ reason: 'USERNAME_TAKEN' });

    const receipt = await eventually(
      async () => {
        const { purge: read } = await users.getPurge(admin(), { userId: shop.userId });
        expect(read?.state).toBe(PurgeState.DONE);
        return read!;
      },
      { timeoutMs: 60_000 },
    );
    const erased = Object.fromEntries(receipt.receipts.map(({ service, erased: counts }) => [service, total(counts)]));
    expect(Object.keys(erased)).toEqual(['feed', 'order', 'product', 'social-graph', 'user']);
    for (const service of ['feed', 'order', 'product', 'social-graph']) expect(erased[service]).toBeGreaterThan(0);

    const { user: tombstone } = await users.getUser(admin(), { by: { $case: 'userId', value: shop.userId } });
    expect(tombstone).toMatchObject({ state: UserState.PURGED, username: '', email: '', displayName: '', bio: '' });
    const { user: next } = await users.createUser(admin(), { ...heir, requestId: newId() });
    expect(next!.userId).not.toBe(shop.userId);
    // Every event once more, as after a loss: none of them brings anything back, nor harms the heir.
    for (const address of Object.values(world.plaza.addresses)) await replay(address);
    expect(await traces(shop)).toEqual(NOTHING);
    await eventually(async () => {
      const { counts } = await clients.graph.batchGetCounts(admin(), { userIds: [shop.follower] });
      expect(counts).toMatchObject([{ following: 0n }]);
    });
    expect((await users.getUser(admin(), { by: { $case: 'username', value: heir.username } })).user?.userId).toBe(next!.userId);
  },
);

/** A shop with a product and a post, and somebody who follows it and has the post in the feed. */
const shopWithFollower = async () => {
  const { sellerId, productId } = await world.shelf(5, 10);
  const follower = await world.person();
  await world.follow(follower, sellerId);
  await world.plaza.clients.products.saveProduct(world.plaza.asUser(follower), {
    userId: follower,
    productId,
    requestId: newId(),
  });
  await eventually(async () => expect(await finds(world.plaza.asUser(follower), productId)).toBe(true), { timeoutMs: 20_000 });
  await world.follow(sellerId, follower);
  const postId = await world.post(sellerId, 'New teapots', [productId]);
  // The post, and that the shop sells something new.
  await eventually(async () => expect(await world.feed(follower)).toEqual([postId, expect.any(String)]), {
    timeoutMs: 20_000,
  });
  return { userId: sellerId, productId, follower, postId };
};

type Shop = Awaited<ReturnType<typeof shopWithFollower>>;

/** Whether a search for teapots finds it, on any of its pages. */
const finds = async (reader: Context, productId: string): Promise<boolean> => {
  for (let pageToken = ''; ;) {
    const page = await world.plaza.clients.products.searchProducts(reader, { query: 'teap', pageSize: 100, pageToken });
    if (page.products.some((product) => product.productId === productId)) return true;
    pageToken = page.nextPageToken;
    if (pageToken === '') return false;
  }
};

/** In which reads the shop shows. */
const traces = async ({ userId, productId, follower, postId }: Shop) => {
  const { users, products, posts, graph } = world.plaza.clients;
  const reader = world.plaza.asUser(follower);
  const shows = (call: Promise<unknown>) =>
    call.then(
      () => true,
      (error: unknown) => {
        if (isAppError(error) && error.code === 'NOT_FOUND') return false;
        throw error;
      },
    );
  const listed = await products.listProducts(reader, { category: 'home-kitchen', pageSize: 100 });
  const shop = await products.listProducts(reader, { sellerId: userId });
  const saved = await products.listSavedProducts(reader, { userId: follower });
  return {
    profile: await shows(users.getUser(reader, { by: { $case: 'userId', value: userId } })),
    profiles: (await users.batchGetUsers(reader, { userIds: [userId] })).users.length === 1,
    product: await shows(products.getProduct(reader, { productId })),
    products: (await products.batchGetProducts(reader, { productIds: [productId] })).products.length === 1,
    shop: shop.products.length === 1,
    saved: saved.products.length === 1,
    found: await finds(reader, productId),
    shelf: listed.products.some((product) => product.productId === productId),
    post: await shows(posts.getPost(reader, { postId })),
    posts: (await posts.listPosts(reader, { authorId: userId })).posts.length === 1,
    feed: (await world.feed(follower)).length > 0,
    followers: (await graph.listFollowers(reader, { userId: follower })).followers.length === 1,
    following: (await graph.listFollowing(reader, { userId: follower })).following.length === 1,
  };
};

const NAMES = [
  'profile',
  'profiles',
  'product',
  'products',
  'shelf',
  'shop',
  'saved',
  'found',
  'post',
  'posts',
  'feed',
  'followers',
  'following',
];
const EVERYTHING = Object.fromEntries(NAMES.map((name) => [name, true]));
const NOTHING = Object.fromEntries(NAMES.map((name) => [name, false]));

const anyone = () => testContext({ caller: { kind: 'anonymous' } });
const admin = () => world.plaza.asAdmin(10_000);
const remove = (userId: string) => world.plaza.clients.users.deleteUser(admin(), { userId, requestId: newId() });
const restore = (userId: string) => world.plaza.clients.users.undeleteUser(admin(), { userId, requestId: newId() });
const purge = (userId: string, requestId = newId()) => world.plaza.clients.users.purgeUser(admin(), { userId, requestId });
const replay = async (address: string) => {
  const events = eventAdminClient({ address, token: world.plaza.keys.tokenOf, log: silentLog, metrics: noMetrics });
  const { replayed } = await events.replayEvents(world.plaza.asAdmin(30_000), { fromTime: new Date(0) });
  expect(Number(replayed)).toBeGreaterThan(0);
  events.close();
};
const total = (counts: readonly { count: bigint }[]): number => counts.reduce((sum, { count }) => sum + Number(count), 0);
const refusal = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'no refusal',
    (error: unknown) => error,
  );
