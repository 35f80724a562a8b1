import { newId } from '@plaza/core';
import { priceChanged, productCreated, productSaved, purchaseShared, purchaseUnshared, stockDepleted } from '@plaza/events';
import { FeedReason, ProductNewsKind, type FeedItem } from '@plaza/proto/plaza/feed/v1/feed_service';
import { asUser, eventually, startEventSource, type EventSource } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startWorld, type World } from './world.ts';

const PATIENCE = { timeoutMs: 20_000 };
const EUR = (units: number) => ({ currencyCode: 'EUR', units: BigInt(units), nanos: 0 });

let world: World;
let orders: EventSource;
let catalogue: EventSource;
beforeAll(async () => {
  world = await startWorld();
  const { natsUrl, namespace } = world.config;
  orders = startEventSource({ natsUrl, namespace, owner: 'order' });
  catalogue = startEventSource({ natsUrl, namespace, owner: 'product' });
});
afterAll(async () => {
  await orders?.close();
  await catalogue?.close();
  await world?.close();
});

const short = ({ reason, post, by, news }: FeedItem) => [
  reason,
  post?.postId ?? news?.kind,
  ...by.map(({ username }) => username),
];

test('over real engines: what others pass on, buy, sell and change comes into the feed of who reads, and goes', async () => {
  const [viewer, friend, author, seller] = [
    world.person(),
    world.person('friend'),
    world.person('author'),
    world.person('seller'),
  ];
  const product = world.product();
  world.peers.products.set(product, { ...world.peers.products.get(product)!, sellerId: seller });
  const feed = async () => (await world.readFeed(viewer)).map(short);
  await eventually(
    async () => expect((await world.feed.listHomeFeed(asUser(viewer), { viewerId: viewer })).state).toBe(1),
    PATIENCE,
  );
  for (const source of [friend, seller]) await world.follow(viewer, source);

  const { postId } = await world.publish(author);
  await world.posts.repost(asUser(friend), { userId: friend, postId });
  const wanted: unknown[][] = [[FeedReason.REPOST, postId, 'friend']];
  const comes = async (item: unknown[]) => {
    wanted.unshift(item);
    await eventually(async () => expect(await feed()).toEqual(wanted), PATIENCE);
  };
  await eventually(async () => expect(await feed()).toEqual(wanted), PATIENCE);

  const listed = {
    productId: product,
    sellerId: seller,
    category: 'tea',
    price: EUR(3),
    createTime: new Date(),
    initialStock: 1n,
  };
  await catalogue.publish(productCreated, listed);
  await comes([FeedReason.PRODUCT_NEWS, ProductNewsKind.LISTED, 'seller']);
  const order = { orderId: newId(), userId: friend };
  const shared = await orders.publish(purchaseShared, { ...order, productIds: [product], payTime: new Date() });
  await comes([FeedReason.PURCHASE, undefined, 'friend']);
  await catalogue.publish(productSaved, { userId: viewer, productId: product, saveTime: new Date() });
  await catalogue.publish(stockDepleted, { turns: [{ productId: product, stockVersion: 2n }] });
  await comes([FeedReason.PRODUCT_NEWS, ProductNewsKind.SOLD_OUT]);
  await catalogue.publish(priceChanged, { ...listed, oldPrice: EUR(3), newPrice: EUR(2), changeTime: new Date() });
  // Of the seller and of the product alike: one item, whichever it names.
  await eventually(async () => expect(await feed()).toHaveLength(wanted.length + 1), PATIENCE);
  const [price] = await world.readFeed(viewer);
  expect(price!.news).toEqual({ kind: ProductNewsKind.PRICE, oldPrice: EUR(3), newPrice: EUR(2) });

  await orders.replay(shared);
  await orders.publish(purchaseUnshared, order, 2);
  await world.posts.undoRepost(asUser(friend), { userId: friend, postId });
  const left = wanted.filter(([reason]) => reason === FeedReason.PRODUCT_NEWS);
  await eventually(async () => expect((await feed()).slice(1)).toEqual(left), PATIENCE);
});
