import { newId } from '@plaza/core';
import { OrderState } from '@plaza/proto/plaza/order/v1/order_service';
import { durablesOf, OWNERS } from '@plaza/events';
import { eventually, testerBus } from '@plaza/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ADDRESS, euros, startWorld, type World } from '../src/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

describe('CreateOrder', () => {
  test('takes stock, moves money from buyer to seller, and answers PAID', async () => {
    const buyer = await world.person();
    const { sellerId, productId } = await world.shelf(5, 20);
    await world.fund(buyer, 100);

    const order = await world.order(buyer, productId, { quantity: 2 });

    expect(order).toMatchObject({ state: OrderState.PAID, userId: buyer, total: euros(40) });
    // The sellers are paid behind the answer.
    await eventually(async () => expect(await world.wallet(buyer)).toEqual({ balance: 6_000n, available: 6_000n, held: 0n }));
    expect((await world.wallet(sellerId)).balance).toBe(4_000n);
    await eventually(async () => expect(await world.stock(productId)).toBe(3n));
    const { order: read } = await world.plaza.clients.orders.getOrder(world.plaza.asUser(buyer), { orderId: order.orderId });
    expect(read).toMatchObject({ state: OrderState.PAID, orderId: order.orderId });
  });

  test('the same request_id places one order; another body under it is refused', async () => {
    const buyer = await world.person();
    const { productId } = await world.shelf(5, 20);
    await world.fund(buyer, 100);
    const requestId = newId();

    const [first, second] = await Promise.all([
      world.order(buyer, productId, { requestId }),
      world.order(buyer, productId, { requestId }),
    ]);

    expect(second.orderId).toBe(first.orderId);
    await expect(world.order(buyer, productId, { requestId, quantity: 2 })).rejects.toMatchObject({
      reason: 'REQUEST_ID_REUSED',
    });
    await eventually(async () => expect(await world.wallet(buyer)).toEqual({ balance: 8_000n, available: 8_000n, held: 0n }));
  });

  test('too little money is refused with the reason of the service that knows, and the stock goes back', async () => {
    const buyer = await world.person();
    const { productId } = await world.shelf(1, 50);
    await world.fund(buyer, 10);

    await expect(world.order(buyer, productId)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'INSUFFICIENT_FUNDS',
      details: { domain: 'plaza.user' },
    });

    expect(await world.wallet(buyer)).toEqual({ balance: 1_000n, available: 1_000n, held: 0n });
    await eventually(async () => expect(await world.stock(productId)).toBe(1n));
    const { orders } = await world.plaza.clients.orders.listOrders(world.plaza.asUser(buyer), { userId: buyer });
    expect(orders).toMatchObject([{ state: OrderState.FAILED, failure: { reason: 'INSUFFICIENT_FUNDS', domain: 'plaza.user' } }]);
  });

  test('the server names the price: another expected_total is refused and names the lines', async () => {
    const buyer = await world.person();
    const { productId } = await world.shelf(1, 50);
    const lines = [{ productId, quantity: 1n }];
    const wish = { userId: buyer, lines, shippingAddress: ADDRESS, expectedTotal: euros(1), requestId: newId() };
    await expect(world.plaza.clients.orders.createOrder(world.plaza.asUser(buyer), wish)).rejects.toMatchObject({
      reason: 'PRICE_CHANGED',
    });
  });

  test("a stranger's order is as unknown as one that does not exist", async () => {
    const [buyer, stranger] = [await world.person(), await world.person()];
    const { productId } = await world.shelf(1, 5);
    await world.fund(buyer, 10);
    const { orderId } = await world.order(buyer, productId);
    const failureOf = (id: string) =>
      world.plaza.clients.orders.getOrder(world.plaza.asUser(stranger), { orderId: id }).catch((error: unknown) => error);
    const [foreign, missing] = [await failureOf(orderId), await failureOf(newId())];
    expect(foreign).toMatchObject({ code: 'NOT_FOUND', reason: 'ORDER_NOT_FOUND' });
    expect(missing).toMatchObject({ code: 'NOT_FOUND', reason: 'ORDER_NOT_FOUND' });
  });
});

describe('CreatePost → fan-out → ListHomeFeed', () => {
  test('a post reaches its followers and its author, with live product cards, and nobody else', async () => {
    const [author, follower, stranger] = [await world.person(), await world.person(), await world.person()];
    const { productId } = await world.shelf(7, 12);
    await world.awake(author, follower, stranger);
    await world.follow(follower, author);

    const postId = await world.post(author, 'Look at this #teatime', [productId]);

    await eventually(async () => expect(await world.feed(follower)).toEqual([postId]));
    await eventually(async () => expect(await world.feed(author)).toEqual([postId]));
    expect(await world.feed(stranger)).toEqual([]);
    const { items } = await world.plaza.clients.feed.listHomeFeed(world.plaza.asUser(follower), { viewerId: follower });
    expect(items).toMatchObject([
      {
        post: {
          authorId: author,
          hashtags: ['teatime'],
          author: { userId: author },
          products: [{ productId, price: euros(12), available: 7n }],
        },
      },
    ]);
  });

  test('a deleted post is gone from the next read on, and its rows are swept', async () => {
    const [author, follower] = [await world.person(), await world.person()];
    await world.awake(author, follower);
    await world.follow(follower, author);
    const [kept, deleted] = [await world.post(author), await world.post(author)];
    await eventually(async () => expect(await world.feed(follower)).toEqual([deleted, kept]));

    await world.plaza.clients.posts.deletePost(world.plaza.asUser(author), { postId: deleted, requestId: newId() });

    expect(await world.feed(follower)).toEqual([kept]);
    await expect(world.plaza.clients.posts.getPost(world.plaza.asUser(author), { postId: deleted })).rejects.toMatchObject({
      reason: 'POST_NOT_FOUND',
    });
  });

  test('pages are disjoint and together whole, whatever their size', async () => {
    const [author, follower] = [await world.person(), await world.person()];
    await world.awake(author, follower);
    await world.follow(follower, author);
    const ids: string[] = [];
    for (let i = 0; i < 12; i++) ids.unshift(await world.post(author, `Post ${i}`));
    await eventually(async () => expect(await world.feed(follower)).toEqual(ids));
    for (const pageSize of [1, 5, 12]) expect(await world.feed(follower, pageSize)).toEqual(ids);
  });
});

describe('Follow → backfill', () => {
  test('a new follower gets the older posts; unfollowing hides them at once; following again brings them back', async () => {
    const [author, viewer] = [await world.person(), await world.person()];
    await world.awake(viewer);
    const older = await world.post(author);
    const newer = await world.post(author);

    await world.follow(viewer, author);
    await eventually(async () => expect(await world.feed(viewer)).toEqual([newer, older]));
    await world.unfollow(viewer, author);
    expect(await world.feed(viewer)).toEqual([]);
    await world.follow(viewer, author);
    await eventually(async () => expect(await world.feed(viewer)).toEqual([newer, older]));
  });

  test('counts converge on what a recount says', async () => {
    const [star, ...fans] = await Promise.all(Array.from({ length: 6 }, () => world.person()));
    await Promise.all(fans.map((fan) => world.follow(fan!, star!)));
    await world.unfollow(fans[0]!, star!);
    await eventually(async () => {
      const { counts } = await world.plaza.clients.graph.batchGetCounts(world.plaza.asAdmin(), {
        userIds: [star!, fans[0]!, fans[1]!],
      });
      expect(counts.map(({ followers, following }) => [followers, following])).toEqual([
        [4n, 0n],
        [0n, 0n],
        [0n, 1n],
      ]);
    });
  });
});

test('a person signs up, signs in and refreshes; a used refresh token is refused and ends the session', async () => {
  const { users, sessions } = world.plaza.clients;
  const nobody = () => ({ ...world.plaza.asAdmin(), caller: { kind: 'anonymous' } as const });
  const username = `signin${newId().slice(-10).toLowerCase()}`;
  const password = 'correct horse battery';
  await users.createUser(nobody(), { username, email: `${username}@example.com`, password, requestId: newId() });

  const signedIn = await sessions.createSession(nobody(), { login: username, password, requestId: newId() });
  const refreshed = await sessions.refreshSession(nobody(), { refreshToken: signedIn.tokens!.refreshToken, requestId: newId() });

  const reuse = { refreshToken: signedIn.tokens!.refreshToken, requestId: newId() };
  await expect(sessions.refreshSession(nobody(), reuse)).rejects.toMatchObject({ reason: 'REFRESH_TOKEN_INVALID' });
  const after = { refreshToken: refreshed.tokens!.refreshToken, requestId: newId() };
  await expect(sessions.refreshSession(nobody(), after)).rejects.toMatchObject({ reason: 'REFRESH_TOKEN_INVALID' });
  const wrong = { login: username, password: 'wrong password', requestId: newId() };
  await expect(sessions.createSession(nobody(), wrong)).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
    reason: 'BAD_CREDENTIALS',
  });
});

test('every service consumes by each of the durables that its user may', async () => {
  const { namespace } = world.plaza;
  const bus = testerBus({ natsUrl: world.engines.natsUrl, namespace });
  const { admin } = (await bus.linked(new AbortController().signal))!;
  const granted = OWNERS.flatMap((owner) => durablesOf(owner, namespace));
  const there: typeof granted = [];
  for (const stream of new Set(granted.map((each) => each.stream)))
    for await (const { name, config } of admin.consumers.list(stream))
      there.push({ stream, durable: name, filter: config.filter_subject! });
  await bus.close();
  const sorted = (durables: typeof granted) =>
    durables.map(({ stream, durable, filter }) => `${stream} ${durable} ${filter}`).toSorted();
  expect(sorted(there)).toEqual(sorted(granted));
});
