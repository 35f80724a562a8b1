import { isAppError, newId, type AppError } from '@plaza/core';
import { ReservationState } from '@plaza/proto/plaza/product/v1/inventory_service';
import { OrderState, type Order } from '@plaza/proto/plaza/order/v1/order_service';
import { eventually, testContext, type ProcessName } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { crashPointsInCode } from '../src/crash-points.ts';
import { insist } from '../src/insist.ts';
import { orderStories } from '../src/order-stories.ts';
import { productStories } from '../src/product-stories.ts';
import { userStories } from '../src/user-stories.ts';
import { ADDRESS, euros, startWorld, type World } from '../src/world.ts';

// Each process is killed, as by kill -9, at each point where that would be nasty. The story that passes the point goes on like a
// careful client: it repeats a call that failed, under the same request_id. The end must be the one without the crash.
let world: World;
let people: ReturnType<typeof userStories>;
let catalogue: ReturnType<typeof productStories>;
let sales: ReturnType<typeof orderStories>;
/** They left so early that nothing holds their erasure up. */
let departed: Awaited<ReturnType<typeof people.departed>>[];
beforeAll(async () => {
  world = await startWorld({ proxies: ['user'] });
  people = userStories(world);
  catalogue = productStories(world);
  sales = orderStories(world);
  departed = [];
  for (let i = 0; i < ERASURES; i++) departed.push(await people.departed());
});
afterAll(() => world?.close());

const PATIENCE = { timeoutMs: 45_000, everyMs: 100 };
const admin = () => world.plaza.asAdmin(4_000);

const signUp = async () => {
  const requestId = newId();
  const username = `k${requestId.slice(-12).toLowerCase()}`;
  const { user } = await insist(() =>
    world.plaza.clients.users.createUser(admin(), { username, email: `${username}@example.com`, requestId }),
  );
  const { user: read } = await insist(() =>
    world.plaza.clients.users.getUser(admin(), { by: { $case: 'username', value: username } }),
  );
  expect(read?.userId).toBe(user?.userId);
};

const signIn = async () => {
  const anonymous = () => ({ ...admin(), caller: { kind: 'anonymous' } as const });
  const username = `k${newId().slice(-12).toLowerCase()}`;
  const password = 'correct horse battery';
  const ids = [newId(), newId(), newId()];
  const wish = { username, email: `${username}@example.com`, password, requestId: ids[0]! };
  await insist(() => world.plaza.clients.users.createUser(anonymous(), wish));
  const first = await insist(() =>
    world.plaza.clients.sessions.createSession(anonymous(), { login: username, password, requestId: ids[1]! }),
  );
  const refreshToken = first.tokens!.refreshToken;
  const second = await insist(() =>
    world.plaza.clients.sessions.refreshSession(anonymous(), { refreshToken, requestId: ids[2]! }),
  );
  const third = { refreshToken: second.tokens!.refreshToken, requestId: newId() };
  expect((await insist(() => world.plaza.clients.sessions.refreshSession(anonymous(), third))).userId).toBe(first.userId);
};

const fund = async (userId: string, units: number) => {
  const requestId = newId();
  await insist(() =>
    world.plaza.clients.wallets.creditWallet(admin(), { userId, amount: euros(units), reason: 'test', requestId }),
  );
  expect((await insist(() => world.wallet(userId))).balance).toBe(BigInt(units * 100));
};

const buyer = async (units: number) => {
  const userId = await insist(() => world.person());
  await fund(userId, units);
  return userId;
};

const shelf = async (stock: bigint) => {
  const sellerId = await insist(() => world.person());
  const ids = [newId(), newId()];
  const wish = { sellerId, name: 'Teapot', category: 'toys', price: euros(10), initialStock: stock - 1n, requestId: ids[0]! };
  const { product } = await insist(() => world.plaza.clients.products.createProduct(admin(), wish));
  const adjustment = { productId: product!.productId, delta: 1n, reason: 'delivery', requestId: ids[1]! };
  const adjusted = await insist(() => world.plaza.clients.inventory.adjustStock(admin(), adjustment));
  expect(adjusted.stock?.available).toBe(stock);
  return { sellerId, productId: product!.productId };
};

const settled = (userId: string, orderId: string, state: OrderState): Promise<Order> =>
  eventually(async () => {
    const { order } = await world.plaza.clients.orders.getOrder(world.plaza.asUser(userId, 4_000), { orderId });
    expect(order?.state).toBe(state);
    return order!;
  }, PATIENCE);

const place = (userId: string, productId: string, requestId: string, timeoutMs = 6_000) => {
  const wish = { userId, lines: [{ productId, quantity: 1n }], shippingAddress: ADDRESS, requestId };
  return world.plaza.clients.orders.createOrder(world.plaza.asUser(userId, timeoutMs), wish);
};

const listProduct = async () => void (await shelf(3n));

const buy = async () => {
  const userId = await buyer(30);
  const { sellerId, productId } = await shelf(3n);
  const requestId = newId();
  const { order } = await insist(() => place(userId, productId, requestId));
  await settled(userId, order!.orderId, OrderState.PAID);
  await eventually(async () => {
    expect(await world.wallet(userId)).toEqual({ balance: 2_000n, available: 2_000n, held: 0n });
    expect((await world.wallet(sellerId)).balance).toBe(1_000n);
    expect(await world.stock(productId)).toBe(2n);
  }, PATIENCE);
  const { orders } = await insist(() => world.plaza.clients.orders.listOrders(world.plaza.asUser(userId), { userId }));
  expect(orders).toHaveLength(1);
};

/** An order that dies with its reservation: nobody asks for the units again, and nobody gives them back. */
const abandon = async () => {
  const { productId } = await shelf(3n);
  const wish = { orderId: newId(), lines: [{ productId, quantity: 2n }], ttlSeconds: 2, requestId: newId() };
  const asOrder = () => testContext({ caller: { kind: 'service', service: 'order' }, timeoutMs: 4_000 });
  await insist(() => world.plaza.clients.inventory.reserveStock(asOrder(), wish));
  await eventually(async () => {
    const { reservation } = await world.plaza.clients.inventory.getReservation(asOrder(), wish);
    expect(reservation?.state).toBe(ReservationState.EXPIRED);
  }, PATIENCE);
  const { stock } = await insist(() => world.plaza.clients.inventory.getStock(admin(), { productId }));
  expect(stock).toMatchObject({ onHand: 3n, reserved: 0n, available: 3n });
  await expect(insist(() => world.plaza.clients.inventory.commitReservation(asOrder(), wish))).rejects.toMatchObject({
    reason: 'RESERVATION_EXPIRED',
  });
};

const buyWithoutMoney = async () => {
  const userId = await buyer(5);
  const { productId } = await shelf(3n);
  const requestId = newId();
  const answer = await insist(() => place(userId, productId, requestId)).catch((error: unknown) => error as AppError);
  const { orders } = await insist(() => world.plaza.clients.orders.listOrders(world.plaza.asUser(userId), { userId }));
  await settled(userId, orders[0]!.orderId, OrderState.FAILED);
  // The call may have been answered before the refusal was known.
  if (!isAppError(answer, 'INSUFFICIENT_FUNDS')) expect(answer).toMatchObject({ order: { orderId: orders[0]!.orderId } });
  await nothingTaken(userId, productId, 500n);
};

const callOff = async () => {
  const userId = await buyer(30);
  const { productId } = await shelf(3n);
  // Without the wallet the order waits with its stock reserved. The seller was there a moment ago, which is known for a minute.
  await insist(() => world.stock(productId));
  world.plaza.proxy('user').blackhole();
  const requestId = newId();
  const { order } = await insist(() => place(userId, productId, requestId, 3_000)).finally(() =>
    world.plaza.proxy('user').heal(),
  );
  const cancelId = newId();
  const end = await insist(() =>
    world.plaza.clients.orders.cancelOrder(world.plaza.asUser(userId, 4_000), { orderId: order!.orderId, requestId: cancelId }),
  );
  expect(end.order?.state).toBe(OrderState.CANCELLED);
  await nothingTaken(userId, productId, 3_000n);
};

const nothingTaken = (userId: string, productId: string, balance: bigint) =>
  eventually(async () => {
    expect(await world.wallet(userId)).toEqual({ balance, available: balance, held: 0n });
    expect(await world.stock(productId)).toBe(3n);
  }, PATIENCE);

const feedIs = (viewerId: string, ids: string[]) =>
  eventually(async () => expect(await world.feed(viewerId)).toEqual(ids), PATIENCE);

const pair = async () => ({ author: await insist(() => world.person()), viewer: await insist(() => world.person()) });

const follow = (followerId: string, followeeId: string, requestId = newId()) =>
  insist(() => world.plaza.clients.graph.follow(admin(), { followerId, followeeId, requestId }));

const unfollow = (followerId: string, followeeId: string, requestId = newId()) =>
  insist(() => world.plaza.clients.graph.unfollow(admin(), { followerId, followeeId, requestId }));

const post = async (authorId: string, requestId = newId()) =>
  (await insist(() => world.plaza.clients.posts.createPost(admin(), { authorId, text: 'Hello', requestId }))).post!.postId;

const publish = async () => {
  const { author, viewer } = await pair();
  await follow(viewer, author);
  const first = await post(author);
  await feedIs(viewer, [first]);
  const second = await post(author);
  await feedIs(viewer, [second, first]);
  await feedIs(author, [second, first]);
  const { posts } = await insist(() => world.plaza.clients.posts.listPosts(admin(), { authorId: author }));
  expect(posts.map(({ postId }) => postId)).toEqual([second, first]);
};

const retract = async () => {
  const { author, viewer } = await pair();
  await follow(viewer, author);
  const [kept, deleted] = [await post(author), await post(author)];
  await feedIs(viewer, [deleted, kept]);
  const requestId = newId();
  await insist(() => world.plaza.clients.posts.deletePost(admin(), { postId: deleted, requestId }));
  await feedIs(viewer, [kept]);
  await feedIs(author, [kept]);
};

const followLate = async () => {
  const { author, viewer } = await pair();
  const ids = [await post(author), await post(author)].reverse();
  await follow(viewer, author);
  await feedIs(viewer, ids);
  await countsAre(author, viewer, 1n);
};

const unfollowAndReturn = async () => {
  const { author, viewer } = await pair();
  const id = await post(author);
  await follow(viewer, author);
  await feedIs(viewer, [id]);
  await unfollow(viewer, author);
  expect(await insist(() => world.feed(viewer))).toEqual([]);
  await countsAre(author, viewer, 0n);
  await follow(viewer, author);
  await feedIs(viewer, [id]);
  await countsAre(author, viewer, 1n);
};

const countsAre = (author: string, viewer: string, count: bigint) =>
  eventually(async () => {
    const { counts } = await world.plaza.clients.graph.batchGetCounts(admin(), { userIds: [author, viewer] });
    expect(counts).toMatchObject([{ followers: count }, { following: count }]);
  }, PATIENCE);

const importFollows = async () => {
  const { author, viewer } = await pair();
  const id = await post(author);
  const messages = async function* () {
    yield { followerId: viewer, followeeIds: [author] };
  };
  await insist(() => world.plaza.clients.graph.importFollows(world.plaza.asAdmin(5_000), messages()));
  await feedIs(viewer, [id]);
  await countsAre(author, viewer, 1n);
};

const erase = () => people.erase(departed.pop()!);
const ERASURES = 7;

/** Point → who dies there, and in the middle of what. */
const POINTS: Readonly<Record<string, readonly [process: ProcessName, story: () => Promise<void>]>> = {
  'user.after-create': ['user', signUp],
  'user.after-session': ['user', signIn],
  'user.after-refresh': ['user', signIn],
  'user.after-credit': ['user', buy],
  'user.after-hold': ['user', buy],
  'user.after-capture': ['user', buy],
  'user.after-release': ['user', buyWithoutMoney],
  'user.after-refund': ['user', () => sales.sendBack()],
  'user.after-update': ['user', () => people.rename()],
  'user.after-preferences': ['user', () => people.agreeToShare()],
  'user.after-delete': ['user', () => people.leaveAndReturn()],
  'user.after-undelete': ['user', () => people.leaveAndReturn()],
  'user.after-end-session': ['user', () => people.signOut()],
  'user.after-end-all-sessions': ['user', () => people.signOutEverywhere()],
  'user.after-set-password': ['user', () => people.changePassword()],
  'user.after-transfer': ['user', () => people.transfer()],
  'user.after-score': ['user', () => people.score()],
  'user.after-purge-asked': ['user', erase],
  'user.after-erase-report': ['user', erase],
  'user.after-purge-done': ['user', erase],
  'product.after-erase': ['product', erase],
  'order.after-erase': ['order', erase],
  'graph.after-erase': ['social-graph', erase],
  'feed.after-erase': ['feed-worker', erase],
  'product.after-create': ['product', listProduct],
  'product.after-adjust': ['product', listProduct],
  'product.after-update': ['product', () => catalogue.changeAndReturn()],
  'product.after-delete': ['product', () => catalogue.changeAndReturn()],
  'product.after-undelete': ['product', () => catalogue.changeAndReturn()],
  'product.after-save': ['product', () => catalogue.saveAndForget()],
  'product.after-unsave': ['product', () => catalogue.saveAndForget()],
  'product.after-count-views': ['product', () => catalogue.look()],
  'product.after-count-saves': ['product', () => catalogue.saveAndForget()],
  'product.after-count-sales': ['product', buy],
  'product.after-reserve-stock': ['product', buy],
  'product.after-commit-stock': ['product', buy],
  'product.after-release-stock': ['product', buyWithoutMoney],
  'product.after-expire': ['product', abandon],
  'order.after-pending': ['order', buy],
  'order.after-reserve': ['order', buy],
  'order.after-reserved-state': ['order', buy],
  'order.after-hold': ['order', buy],
  'order.after-commit': ['order', buy],
  'order.after-paid': ['order', buy],
  'order.after-capture': ['order', buy],
  'order.after-failed': ['order', buyWithoutMoney],
  'order.after-cancelled': ['order', callOff],
  'order.after-release-hold': ['order', callOff],
  'order.after-shipped': ['order', () => sales.send()],
  'order.after-refund-asked': ['order', () => sales.sendBack()],
  'order.after-refund-paid': ['order', () => sales.sendBack()],
  'order.after-refunded': ['order', () => sales.sendBack()],
  'graph.after-follow': ['social-graph', followLate],
  'graph.after-unfollow': ['social-graph', unfollowAndReturn],
  'graph.after-count': ['social-graph', followLate],
  'graph.after-import-message': ['social-graph', importFollows],
  'feed.after-post': ['feed', publish],
  'feed.after-delete': ['feed', retract],
  'feed.mid-plan': ['feed-worker', publish],
  'feed.after-plan': ['feed-worker', publish],
  'feed.after-push-rows': ['feed-worker', publish],
  'feed.after-push': ['feed-worker', publish],
  'feed.after-backfill': ['feed-worker', followLate],
  'feed.after-import-backfill': ['feed-worker', importFollows],
  'feed.after-sweep-delete': ['feed-worker', unfollowAndReturn],
  'events.before-publish': ['feed', publish],
  'events.after-publish': ['order', buy],
  'events.after-handle': ['feed-worker', publish],
};

test('every crash point in the code has its story, and no story names a point that is gone', () => {
  expect(crashPointsInCode()).toEqual(Object.keys(POINTS).sort());
});

test.each(Object.entries(POINTS))('%s', { timeout: 120_000 }, async (point, [name, story]) => {
  const process = world.plaza.process(name);
  await process.restart({ CRASH_AT: point });
  const dies = process.exited;
  const rises = dies.then((exit) => {
    expect(exit.signal, `${point} is reached`).toBe('SIGKILL');
    return process.restart({ CRASH_AT: '' });
  });
  await Promise.all([rises, story()]);
});
