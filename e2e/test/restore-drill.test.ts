import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isAppError, newId } from '@plaza/core';
import { OrderState } from '@plaza/proto/plaza/order/v1/order_service';
import { eventually } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { auditUntil } from '../src/faults/order-audit.ts';
import { openShop, work, type Shop, type Wish } from '../src/faults/order-work.ts';
import { insist } from '../src/insist.ts';
import { mixIn, startRestoreScene, type RestoreScene } from '../src/restore-scene.ts';
import { ADDRESS } from '../src/world.ts';

const PATIENCE = { timeoutMs: 60_000, everyMs: 200 };

let scene: RestoreScene;
let shop: Shop;
let wishes: Wish[];
/** Who follows `author`, and what they see. */
let viewer: string;
let author: string;
let liked: string;
let feedBefore: string[];
let before: readonly string[];
const folder = mkdtempSync(join(tmpdir(), 'plaza-restore-'));
const [caught, settled] = [join(folder, 'caught'), join(folder, 'settled')];
const name = `ada${newId().slice(-12).toLowerCase()}`;
const signUp = { username: name, email: `${name}@example.com`, requestId: newId() };
let ada: string;
/** The order that was under way when the first backup was made. */
let underWay: { readonly wish: Wish; readonly send: () => Promise<string> };

beforeAll(async () => {
  scene = await startRestoreScene();
  const { world } = scene;
  [author, viewer] = [await world.person(), await world.person()];
  ada = (await world.plaza.clients.users.createUser(world.plaza.asAdmin(20_000), signUp)).user!.userId;
  await world.follow(viewer, author);
  await world.awake(viewer);
  for (const text of ['one', 'two', 'three']) liked = await world.post(author, text);
  await world.plaza.clients.posts.like(world.plaza.asUser(viewer), { userId: viewer, postId: liked, requestId: newId() });
  shop = await openShop(world);
  wishes = await work(world, shop, false);
  feedBefore = await eventually(async () => {
    const ids = await world.feed(viewer);
    if (ids.length < 3) throw new Error(`${ids.length} posts so far`);
    return ids;
  }, PATIENCE);

  underWay = oneMore();
  await world.plaza.process('order').restart({ CRASH_AT: 'order.after-hold' });
  const answered = insist(underWay.send, 90_000);
  await world.plaza.process('order').exited;
  await scene.backup('export', caught);

  await world.plaza.process('order').restart({ CRASH_AT: '' });
  await answered;
  before = await violations();
  await scene.stopAll();
  await scene.backup('export', settled);
}, 240_000);
afterAll(async () => {
  await scene?.close();
  rmSync(folder, { recursive: true, force: true });
});

test(
  'from a backup made while an order was under way all comes back, and the order comes to its end',
  { timeout: 180_000 },
  async () => {
    expect(before).toEqual([]);
    await restore(caught);
    expect(await violations()).toEqual([]);
    await nothingIsMissing();
  },
);

test(
  'with the orders of an earlier moment than all the rest, what is between is done again, once',
  { timeout: 180_000 },
  async () => {
    mixIn(settled, caught, 'orders');
    await restore(settled);
    expect(await violations()).toEqual([]);
    await nothingIsMissing();
  },
);

test('a backup that was changed is not restored, nor one over rows', async () => {
  await expect(scene.backup('import', caught)).rejects.toThrow('posts has rows');
  appendFileSync(join(settled, 'posts.jsonl'), '{}');
  await expect(scene.backup('import', settled, '--into-rows')).rejects.toThrow('its checksum differs');
});

const restore = async (from: string): Promise<void> => {
  await scene.stopAll();
  await scene.loseEverything();
  await scene.backup('import', from, '--create-tables');
  const counted = [...(await scene.backup('count')).matchAll(/(\w+): [1-9]\d* rows/g)].map(([, table]) => table);
  // What tells of the others is read first.
  expect(counted).toEqual(['posts', 'orders', 'users', 'products', 'graph']);
  await scene.startAll();
};

/** I1 to I4. */
const violations = async (): Promise<readonly string[]> =>
  (await auditUntil(performance.now() + 45_000, scene.world, shop, wishes)).violations;

const nothingIsMissing = async (): Promise<void> => {
  const { plaza } = scene.world;
  // The same wish is answered as it was, under the same request_id, and means the same order.
  expect(await insist(underWay.send)).toBe(underWay.wish.orderId);
  const { orders } = await plaza.clients.orders.listOrders(plaza.asUser(underWay.wish.buyer), { userId: underWay.wish.buyer });
  expect(orders.find(({ orderId }) => orderId === underWay.wish.orderId)?.state).toBe(OrderState.PAID);
  // I5: who signed up is who they were, and the name is taken.
  expect((await plaza.clients.users.createUser(plaza.asAdmin(8_000), signUp)).user?.userId).toBe(ada);
  const taken = await plaza.clients.users
    .createUser(plaza.asAdmin(8_000), { ...signUp, requestId: newId() })
    .catch((error: unknown) => error);
  expect(isAppError(taken) && taken.code).toBe('ALREADY_EXISTS');
  // I6: a feed is made anew from what it is made of; I8: what was counted is counted.
  await scene.world.awake(viewer);
  expect(await scene.world.feed(viewer)).toEqual(feedBefore);
  const verdict = await plaza.clients.feedAdmin.verifyFeed(plaza.asAdmin(10_000), { viewerId: viewer });
  expect(verdict).toMatchObject({ missing: [], extra: [], leaked: [] });
  await eventually(async () => {
    const { post } = await plaza.clients.posts.getPost(plaza.asUser(viewer), { postId: liked });
    expect(post?.counts?.likes).toBe(1n);
  }, PATIENCE);
};

/** One wish more, sent as often as it takes; its answer is remembered. */
const oneMore = () => {
  const { plaza } = scene.world;
  const buyer = Object.keys(shop.funds)[0]!;
  const wish: Wish = { buyer, requestId: newId() };
  wishes.push(wish);
  const lines = [{ productId: Object.keys(shop.products)[0]!, quantity: 1n }];
  const request = { userId: buyer, lines, shippingAddress: ADDRESS, requestId: wish.requestId };
  const send = async () => {
    const { order } = await plaza.clients.orders.createOrder(plaza.asUser(buyer, 8_000), request);
    return (wish.orderId = order!.orderId);
  };
  return { wish, send };
};
