import { newId } from '@plaza/core';
import { MuteScope } from '@plaza/proto/plaza/graph/v1/events';
import { FollowState } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { OrderState } from '@plaza/proto/plaza/order/v1/order_service';
import { eventually } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { replyLoser } from '../src/lost-replies.ts';
import { ADDRESS, euros, startWorld, type World } from '../src/world.ts';

// A dropped reply after the commit is the fault that makes unknown outcomes: the work is done and the caller cannot know.
// Every call below goes through a proxy that swallows the first reply to this very request_id and resets the connection.
let world: World;
let losingTheReply: ReturnType<typeof replyLoser>;
beforeAll(async () => {
  world = await startWorld({ proxies: ['user', 'product', 'order', 'social-graph', 'feed'] });
  losingTheReply = replyLoser(world);
});
afterAll(() => world?.close());

const admin = () => world.plaza.asAdmin(10_000);

test('CreateUser: one user, and the answer names it', async () => {
  const requestId = newId();
  const username = `lost${requestId.slice(-10).toLowerCase()}`;
  const { user } = await losingTheReply('user', requestId, () =>
    world.plaza.clients.users.createUser(admin(), { username, email: `${username}@example.com`, requestId }),
  );
  const read = await world.plaza.clients.users.getUser(admin(), { by: { $case: 'username', value: username } });
  expect(read.user?.userId).toBe(user?.userId);
});

test('BatchCreateUsers: each user once', async () => {
  const requestIds = [newId(), newId()];
  const users = requestIds.map((requestId) => ({
    username: `b${requestId.slice(-12).toLowerCase()}`,
    email: `${requestId}@example.com`,
    requestId,
  }));
  const { results } = await losingTheReply('user', requestIds[0]!, () =>
    world.plaza.clients.users.batchCreateUsers(admin(), { users }),
  );
  expect(results.map(({ result }) => result?.$case)).toEqual(['user', 'user']);
});

test('CreateSession and RefreshSession: the repeated call gets tokens that work', async () => {
  const anonymous = () => ({ ...admin(), caller: { kind: 'anonymous' } as const });
  const username = `s${newId().slice(-12).toLowerCase()}`;
  const password = 'correct horse battery';
  await world.plaza.clients.users.createUser(anonymous(), {
    username,
    email: `${username}@example.com`,
    password,
    requestId: newId(),
  });
  const signInId = newId();
  const signedIn = await losingTheReply('user', signInId, () =>
    world.plaza.clients.sessions.createSession(anonymous(), { login: username, password, requestId: signInId }),
  );
  const refreshId = newId();
  const refreshed = await losingTheReply('user', refreshId, () =>
    world.plaza.clients.sessions.refreshSession(anonymous(), {
      refreshToken: signedIn.tokens!.refreshToken,
      requestId: refreshId,
    }),
  );
  const next = await world.plaza.clients.sessions.refreshSession(anonymous(), {
    refreshToken: refreshed.tokens!.refreshToken,
    requestId: newId(),
  });
  expect(next.userId).toBe(signedIn.userId);
});

test('CreditWallet: the money comes once', async () => {
  const userId = await world.person();
  const requestId = newId();
  const { wallet } = await losingTheReply('user', requestId, () =>
    world.plaza.clients.wallets.creditWallet(admin(), { userId, amount: euros(7), reason: 'gift', requestId }),
  );
  expect(wallet?.balance).toEqual(euros(7));
  expect((await world.wallet(userId)).balance).toBe(700n);
});

test('PlaceHold, CaptureHold, ReleaseHold: each applies once', async () => {
  const { wallets } = world.plaza.clients;
  const order = () => ({ ...admin(), caller: { kind: 'service', service: 'order' } as const });
  const [buyer, seller] = [await world.person(), await world.person()];
  await world.fund(buyer, 10);
  const [orderId, otherOrderId] = [newId(), newId()];
  const ids = [newId(), newId(), newId(), newId()];

  await losingTheReply('user', ids[0]!, () =>
    wallets.placeHold(order(), { orderId, userId: buyer, amount: euros(4), requestId: ids[0]! }),
  );
  expect(await world.wallet(buyer)).toEqual({ balance: 1_000n, available: 600n, held: 400n });
  const payouts = [{ userId: seller, amount: euros(4) }];
  await losingTheReply('user', ids[1]!, () => wallets.captureHold(order(), { orderId, payouts, requestId: ids[1]! }));
  expect(await world.wallet(buyer)).toEqual({ balance: 600n, available: 600n, held: 0n });
  expect((await world.wallet(seller)).balance).toBe(400n);
  await losingTheReply('user', ids[2]!, () =>
    wallets.placeHold(order(), { orderId: otherOrderId, userId: buyer, amount: euros(6), requestId: ids[2]! }),
  );
  await losingTheReply('user', ids[3]!, () => wallets.releaseHold(order(), { orderId: otherOrderId, requestId: ids[3]! }));
  expect(await world.wallet(buyer)).toEqual({ balance: 600n, available: 600n, held: 0n });
});

test('CreateProduct, BatchCreateProducts, AdjustStock: each applies once', async () => {
  const { products, inventory } = world.plaza.clients;
  const sellerId = await world.person();
  const wish = (requestId: string) => ({
    sellerId,
    name: 'Kite',
    category: 'toys',
    price: euros(9),
    initialStock: 3n,
    requestId,
  });
  const ids = [newId(), newId(), newId()];
  const { product } = await losingTheReply('product', ids[0]!, () => products.createProduct(admin(), wish(ids[0]!)));
  const { results } = await losingTheReply('product', ids[1]!, () =>
    products.batchCreateProducts(admin(), { products: [wish(ids[1]!)] }),
  );
  expect(results[0]?.result?.$case).toBe('product');
  const adjusted = await losingTheReply('product', ids[2]!, () =>
    inventory.adjustStock(admin(), { productId: product!.productId, delta: -2n, reason: 'broken', requestId: ids[2]! }),
  );
  expect(adjusted.stock).toMatchObject({ onHand: 1n, available: 1n });
});

test('ReserveStock, CommitReservation, ReleaseReservation: each applies once', async () => {
  const { inventory } = world.plaza.clients;
  const order = () => ({ ...admin(), caller: { kind: 'service', service: 'order' } as const });
  const { productId } = await world.shelf(5, 1);
  const [orderId, ids] = [newId(), [newId(), newId(), newId()]];
  const stock = async (delta: bigint) =>
    (await inventory.adjustStock(admin(), { productId, delta, reason: 'count', requestId: newId() })).stock;

  const lines = [{ productId, quantity: 2n }];
  await losingTheReply('product', ids[0]!, () => inventory.reserveStock(order(), { orderId, lines, requestId: ids[0]! }));
  expect(await stock(1n)).toMatchObject({ onHand: 6n, reserved: 2n, available: 4n });
  await losingTheReply('product', ids[1]!, () => inventory.commitReservation(order(), { orderId, requestId: ids[1]! }));
  expect(await stock(1n)).toMatchObject({ onHand: 5n, reserved: 0n, available: 5n });
  await losingTheReply('product', ids[2]!, () => inventory.releaseReservation(order(), { orderId, requestId: ids[2]! }));
  expect(await stock(1n)).toMatchObject({ onHand: 8n, reserved: 0n, available: 8n });
});

test('CreateOrder: one order, paid once', async () => {
  const buyer = await world.person();
  const { productId } = await world.shelf(5, 10);
  await world.fund(buyer, 50);
  const requestId = newId();
  const wish = { userId: buyer, lines: [{ productId, quantity: 1n }], shippingAddress: ADDRESS, requestId };
  const { order } = await losingTheReply('order', requestId, () =>
    world.plaza.clients.orders.createOrder(world.plaza.asUser(buyer), wish),
  );
  expect(order?.state).toBe(OrderState.PAID);
  await eventually(async () => expect(await world.wallet(buyer)).toEqual({ balance: 4_000n, available: 4_000n, held: 0n }));
  const { orders } = await world.plaza.clients.orders.listOrders(world.plaza.asUser(buyer), { userId: buyer });
  expect(orders).toHaveLength(1);
});

test('CancelOrder: cancelled once, everything back', async () => {
  const buyer = await world.person();
  const { productId } = await world.shelf(1, 10);
  await world.fund(buyer, 50);
  // Without the user service the order waits before the hold. The seller was there a moment ago, which is known for a minute.
  await world.stock(productId);
  world.plaza.proxy('user').blackhole();
  const wish = { userId: buyer, lines: [{ productId, quantity: 1n }], shippingAddress: ADDRESS, requestId: newId() };
  const { order } = await world.plaza.clients.orders.createOrder(world.plaza.asUser(buyer, 3_000), wish);
  const requestId = newId();
  const cancelled = await losingTheReply('order', requestId, () =>
    world.plaza.clients.orders.cancelOrder(world.plaza.asUser(buyer), { orderId: order!.orderId, requestId }),
  );
  world.plaza.proxy('user').heal();
  expect(cancelled.order?.state).toBe(OrderState.CANCELLED);
  await eventually(async () => expect(await world.stock(productId)).toBe(1n), { timeoutMs: 30_000 });
  await eventually(async () => expect(await world.wallet(buyer)).toEqual({ balance: 5_000n, available: 5_000n, held: 0n }));
});

test('Follow and Unfollow: one edge, one count', async () => {
  const [follower, followee] = [await world.person(), await world.person()];
  const { graph } = world.plaza.clients;
  const edge = { followerId: follower, followeeId: followee };
  const counts = async () => {
    const answer = await graph.batchGetCounts(admin(), { userIds: [follower, followee] });
    return answer.counts.map((count) => [count.followers, count.following]);
  };
  const ids = [newId(), newId()];
  await losingTheReply('social-graph', ids[0]!, () => graph.follow(admin(), { ...edge, requestId: ids[0]! }));
  await eventually(async () =>
    expect(await counts()).toEqual([
      [0n, 1n],
      [1n, 0n],
    ]),
  );
  await losingTheReply('social-graph', ids[1]!, () => graph.unfollow(admin(), { ...edge, requestId: ids[1]! }));
  await eventually(async () =>
    expect(await counts()).toEqual([
      [0n, 0n],
      [0n, 0n],
    ]),
  );
});

test('Block, Unblock, Mute and the rest: each has one effect, and its repetition the first answer', async () => {
  const [one, other] = [await world.person(), await world.person()];
  const { graph, users } = world.plaza.clients;
  const changes = { isPrivate: true };
  await users.updateUser(admin(), { userId: one, changes, updateMask: ['is_private'], requestId: newId() });
  const relations = async (viewerId: string, userId: string) =>
    (await graph.batchGetRelationships(admin(), { viewerId, userIds: [userId] })).relationships[0];
  const loseTo = <T>(call: (ids: { requestId: string }) => Promise<T>) => {
    const requestId = newId();
    return losingTheReply('social-graph', requestId, () => call({ requestId }));
  };
  const ask = { followerId: other, followeeId: one };
  expect((await loseTo((id) => graph.follow(admin(), { ...ask, ...id }))).state).toBe(FollowState.REQUESTED);
  await loseTo((id) => graph.approveFollowRequest(admin(), { userId: one, followerId: other, ...id }));
  expect(await relations(other, one)).toMatchObject({ following: FollowState.ACTIVE });
  await loseTo((id) => graph.removeFollower(admin(), { userId: one, followerId: other, ...id }));
  await loseTo((id) => graph.follow(admin(), { ...ask, ...id }));
  await loseTo((id) => graph.rejectFollowRequest(admin(), { userId: one, followerId: other, ...id }));
  expect(await relations(other, one)).toMatchObject({ following: FollowState.UNSPECIFIED });
  await loseTo((id) => graph.mute(admin(), { userId: one, mutedId: other, scope: MuteScope.REPOSTS, ...id }));
  await loseTo((id) => graph.block(admin(), { userId: one, blockedId: other, ...id }));
  expect(await relations(one, other)).toMatchObject({ blocking: true, muting: MuteScope.REPOSTS });
  await loseTo((id) => graph.unblock(admin(), { userId: one, blockedId: other, ...id }));
  await loseTo((id) => graph.unmute(admin(), { userId: one, mutedId: other, ...id }));
  expect(await relations(one, other)).toMatchObject({ blocking: false, muting: MuteScope.UNSPECIFIED, followedBy: false });
  await eventually(async () => {
    const { counts } = await graph.batchGetCounts(admin(), { userIds: [one, other] });
    expect(counts).toMatchObject([
      { followers: 0n, following: 0n },
      { followers: 0n, following: 0n },
    ]);
  });
});

test('ImportFollows: sent again after a broken stream, every follow stands once', async () => {
  const [follower, ...followees] = await Promise.all(Array.from({ length: 4 }, () => world.person()));
  const send = () =>
    world.plaza.clients.graph.importFollows(
      admin(),
      (async function* () {
        yield { followerId: follower!, followeeIds: followees.map((id) => id!) };
      })(),
    );
  const { receipt } = await losingTheReply('social-graph', follower!, send);
  expect(receipt!.created + receipt!.unchanged).toBe(3n);
  await eventually(async () => {
    const { counts } = await world.plaza.clients.graph.batchGetCounts(admin(), { userIds: [follower!, followees[0]!] });
    expect(counts).toMatchObject([{ following: 3n }, { followers: 1n }]);
  });
});

test('CreatePost and DeletePost: one post, deleted once', async () => {
  const author = await world.person();
  const ids = [newId(), newId()];
  const { posts } = world.plaza.clients;
  const { post } = await losingTheReply('feed', ids[0]!, () =>
    posts.createPost(admin(), { authorId: author, text: 'Once', requestId: ids[0]! }),
  );
  expect((await posts.listPosts(admin(), { authorId: author })).posts.map(({ postId }) => postId)).toEqual([post!.postId]);
  await losingTheReply('feed', ids[1]!, () => posts.deletePost(admin(), { postId: post!.postId, requestId: ids[1]! }));
  expect((await posts.listPosts(admin(), { authorId: author })).posts).toEqual([]);
});
