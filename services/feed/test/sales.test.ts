import { newId } from '@plaza/core';
import { update } from '@plaza/dynamo';
import { orderPaid, type OutboxRow } from '@plaza/events';
import { asAdmin, asUser, eventually, startEventSource, testContext, type EventSource } from '@plaza/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { keys, postsTable } from '../src/store/table.ts';
import { refusalOf, startWorld, type World } from './world.ts';

const [PUBLIC, FOLLOWERS, PRIVATE] = [1, 2, 3] as const;
const BUYER = newId();
const PATIENCE = { timeoutMs: 20_000 };
const NOT_FOUND = { code: 'NOT_FOUND', reason: 'POST_NOT_FOUND', details: { domain: 'plaza.feed' } };

let world: World;
let orders: EventSource;
beforeAll(async () => {
  world = await startWorld();
  const { natsUrl, namespace } = world.config;
  orders = startEventSource({ natsUrl, namespace, owner: 'order' });
});
// Whatever a test that failed left away is back for the next one.
beforeEach(() => Object.assign(world.peers.away, { user: false, product: false, graph: false }));
afterAll(async () => {
  await orders?.close();
  await world?.close();
});

test('orders that name the post are counted for it, with the products that it shows, each order once', async () => {
  const { author, tea, cup, other, post } = await shop();
  const [before, orderId] = [await outcomes(), newId()];
  const lines: [string, number][] = [
    [tea, 2],
    [other, 7],
    [tea, 1],
  ];
  // The same order, by another event each time: long after the server forgot the first one's id.
  for (let times = 0; times < 4; times++) await buy(BUYER, post, lines, orderId);
  await buy(BUYER, post, [
    [tea, 1],
    [cup, 1],
  ]);
  await became(before, { counted: 5 });
  const expected = { orders: 2n, units: 5n, products: bySold([tea, 2n, 4n], [cup, 1n, 1n]) };
  for (const ctx of [asUser(author), asAdmin()]) expect(await salesOf(post, ctx)).toEqual(expected);
});

test('what a post sold is for its author and admins; nothing was sold yet is an answer; a deleted post has none', async () => {
  const { author, post, tea } = await shop();
  expect(await salesOf(post, asUser(author))).toEqual({ orders: 0n, units: 0n, products: [] });
  expect(await refusalOf(salesOf(post, asUser(newId())))).toMatchObject(NOT_FOUND);
  expect(await refusalOf(salesOf(newId(), asUser(author)))).toMatchObject(NOT_FOUND);
  expect(await refusalOf(salesOf(newId(), asAdmin()))).toMatchObject(NOT_FOUND);
  expect(await refusalOf(salesOf(post, testContext()))).toMatchObject({ code: 'UNAUTHENTICATED' });
  const before = await outcomes();
  await buy(newId(), post, [[tea, 1]]);
  await became(before, { counted: 1 });
  await world.posts.deletePost(asUser(author), { postId: post });
  for (const ctx of [asUser(author), asAdmin()]) expect(await refusalOf(salesOf(post, ctx))).toMatchObject(NOT_FOUND);
});

test('an order is no sale of a post that is not there, deleted, not showing it, not for the buyer to see, or their own', async () => {
  const { author, tea, other, post } = await shop();
  const [gone, followers, diary, ofStranger] = [
    await publish(author, [tea]),
    await publish(author, [tea], FOLLOWERS),
    await publish(author, [tea], PRIVATE),
    await publish(world.person(), [tea]),
  ];
  await world.posts.deletePost(asUser(author), { postId: gone });
  const [buyer, blocked, fan] = [newId(), newId(), newId()];
  world.peers.hidden.add(`${blocked} ${author}`);
  world.edge(fan).add(author);
  const before = await outcomes();
  await buy(buyer, newId(), [[tea, 1]]);
  await buy(buyer, gone, [[tea, 1]]);
  await buy(buyer, post, [[other, 1]]);
  await buy(buyer, followers, [[tea, 1]]);
  await buy(buyer, diary, [[tea, 1]]);
  await buy(blocked, post, [[tea, 1]]);
  await buy(author, post, [[tea, 1]]);
  await buy(author, diary, [[tea, 1]]);
  await buy(author, ofStranger, [[tea, 1]]);
  await buy(fan, followers, [[tea, 1]]);
  // An order that names none is nobody's.
  await buy(buyer, '', [[tea, 1]]);
  await became(before, { no_post: 1, deleted: 1, not_shown: 1, not_visible: 3, own: 2, counted: 2 });
  const sold = async (postId: string) => (await salesOf(postId, asAdmin())).orders;
  expect(await Promise.all([post, followers, diary, ofStranger].map(sold))).toEqual([0n, 1n, 0n, 1n]);
});

test('a post sells what it shows when it is bought: products that it lost or got by an edit are judged as they are', async () => {
  const { post, tea, cup, other } = await shop();
  const before = await outcomes();
  await buy(newId(), post, [[tea, 1]]);
  await became(before, { counted: 1 });
  await world.db.write(testContext(), update(postsTable, keys.post(post), { set: { productIds: [cup] } }));
  await buy(newId(), post, [[cup, 2]]);
  await buy(newId(), post, [
    [tea, 1],
    [other, 1],
  ]);
  await became(before, { counted: 2, not_shown: 1 });
  const { orders: sold, products } = await salesOf(post, asAdmin());
  expect([sold, products]).toEqual([2n, bySold([tea, 1n, 1n], [cup, 1n, 2n])]);
});

test('the graph away: the order waits, and is counted once when it is back', async () => {
  const { post, tea } = await shop();
  const [before, asked] = [await outcomes(), world.peers.calls.checkVisibility];
  world.peers.away.graph = true;
  await buy(newId(), post, [[tea, 3]]);
  await eventually(() => expect(world.peers.calls.checkVisibility).toBeGreaterThan(asked + 1), PATIENCE);
  expect(await outcomes()).toEqual(before);
  expect((await salesOf(post, asAdmin())).orders).toBe(0n);
  world.peers.away.graph = false;
  await became(before, { counted: 1 });
  expect(await salesOf(post, asAdmin())).toMatchObject({ orders: 1n, units: 3n });
});

const shop = async () => {
  const [author, tea, cup, other] = [world.person(), world.product(), world.product(), world.product()];
  return { author, tea, cup, other, post: await publish(author, [tea, cup]) };
};

const publish = async (author: string, productIds: string[], visibility: 1 | 2 | 3 = PUBLIC): Promise<string> =>
  (await world.publish(author, 'look', { productIds, visibility })).postId;

const buy = (userId: string, attributedPostId: string, bought: [string, number][], orderId = newId()): Promise<OutboxRow> => {
  const lines = bought.map(([productId, units]) => ({ productId, sellerId: newId(), quantity: BigInt(units) }));
  return orders.publish(orderPaid, { orderId, userId, lines, total: undefined, attributedPostId });
};

const salesOf = (postId: string, ctx: ReturnType<typeof asUser>) => world.posts.getPostSales(ctx, { postId });

const bySold = (...sold: [string, bigint, bigint][]) =>
  sold
    .map(([productId, ordered, units]) => ({ productId, orders: ordered, units }))
    .toSorted((a, b) => (a.productId < b.productId ? -1 : 1));

const outcomes = () => world.metric('feed_attributed_orders_total', world.workers[0]!);

/** Since then so many orders were settled, each as said, and no other. */
const became = (before: Record<string, number>, more: Record<string, number>) =>
  eventually(async () => {
    const expected = { ...before };
    for (const [outcome, count] of Object.entries(more)) {
      const label = `{outcome="${outcome}"}`;
      expected[label] = (expected[label] ?? 0) + count;
    }
    expect(await outcomes()).toEqual(expected);
  }, PATIENCE);
