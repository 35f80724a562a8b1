import { newId, pause } from '@plaza/core';
import { FanoutMode } from '@plaza/proto/plaza/feed/v1/feed_admin_service';
import { FeedReason, ProductNewsKind, type FeedItem } from '@plaza/proto/plaza/feed/v1/feed_service';
import { NotificationKind } from '@plaza/proto/plaza/feed/v1/notification_service';
import { eventually } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { insist } from '../src/insist.ts';
import { ADDRESS, euros, startWorld, type World } from '../src/world.ts';

const PATIENCE = { timeoutMs: 30_000 };

let world: World;
beforeAll(async () => {
  world = await startWorld({ env: { SHARE_DELAY_S: '1' } });
});
afterAll(() => world?.close());

const items = async (viewerId: string): Promise<FeedItem[]> =>
  (await world.plaza.clients.feed.listHomeFeed(world.plaza.asUser(viewerId), { viewerId, pageSize: 100 })).items;

const verified = async (viewerId: string) => {
  const { missing, extra, leaked } = await world.plaza.clients.feedAdmin.verifyFeed(world.plaza.asAdmin(10_000), { viewerId });
  return { missing, extra, leaked };
};

const CLEAN = { missing: [], extra: [], leaked: [] };

test('a feed has posts, what is passed on, purchases without a price, and news of products; it is verified, explained, rebuilt', async () => {
  const { sellerId, productId } = await world.shelf(5, 12);
  const [author, friend, viewer] = [await world.person(), await world.person(), await world.person()];
  await world.awake(author, friend, viewer);
  for (const whom of [friend, sellerId]) await world.follow(viewer, whom);

  const postId = await world.post(author, 'a post of a stranger', [productId]);
  const { posts, orders, users, products, feedAdmin } = world.plaza.clients;
  await posts.repost(world.plaza.asUser(friend), { userId: friend, postId, requestId: newId() });
  await users.updatePreferences(world.plaza.asUser(friend), {
    userId: friend,
    preferences: { sharePurchases: true },
    updateMask: ['share_purchases'],
  });
  await world.fund(friend, 100);
  await orders.createOrder(world.plaza.asUser(friend, 20_000), {
    userId: friend,
    lines: [{ productId, quantity: 1n }],
    sharePurchase: true,
    shippingAddress: ADDRESS,
    requestId: newId(),
  });
  const { product } = await products.getProduct(world.plaza.asUser(viewer), { productId });
  await products.updateProduct(world.plaza.asUser(sellerId), {
    productId,
    changes: { price: euros(9) },
    updateMask: ['price'],
    etag: product!.etag,
    requestId: newId(),
  });

  await eventually(async () => {
    const found = await items(viewer);
    const of = (reason: FeedReason) => found.find((item) => item.reason === reason);
    expect(of(FeedReason.REPOST)).toMatchObject({ post: { postId }, by: [{ userId: friend }] });
    expect(of(FeedReason.PURCHASE)).toMatchObject({ post: undefined, by: [{ userId: friend }] });
    expect(of(FeedReason.PURCHASE)?.productCards).toMatchObject([{ productId, name: 'Teapot', price: undefined }]);
    expect(of(FeedReason.PRODUCT_NEWS)).toMatchObject({
      by: [{ userId: sellerId }],
      productCards: [{ productId, price: euros(9) }],
      news: { kind: ProductNewsKind.PRICE, oldPrice: euros(12), newPrice: euros(9) },
    });
  }, PATIENCE);

  for (const person of [author, friend, viewer]) await eventually(async () => expect(await verified(person)).toEqual(CLEAN));
  const admin = world.plaza.asAdmin(10_000);
  const explained = await feedAdmin.explainFeedItem(admin, { viewerId: viewer, postId });
  expect(explained.shown).toBe(true);
  // Not for its author, who is a stranger, but by who passed it on.
  const verdicts = new Map(explained.rules.map(({ rule, passed }) => [rule, passed]));
  expect([verdicts.get('POST_EXISTS'), verdicts.get('AUTHOR_FOLLOWED'), verdicts.get('PASSED_ON')]).toEqual([true, false, true]);
  // Nobody follows the author: one chunk, with the author's own feed.
  const status = { mode: FanoutMode.PUSH, chunks: 1, chunksDone: 1, pending: 0, pushed: 1n, hibernated: 0n, pulled: 0n };
  expect(await feedAdmin.getFanoutStatus(admin, { postId })).toMatchObject(status);
  const before = (await items(viewer)).map(({ itemId }) => itemId);
  await feedAdmin.rebuildFeed(admin, { viewerId: viewer, requestId: newId() });
  expect((await items(viewer)).map(({ itemId }) => itemId)).toEqual(before);
  await world.awake(viewer);
  expect((await items(viewer)).map(({ itemId }) => itemId)).toEqual(before);
});

test('an open stream tells each post once, goes on where it was when the service restarts, and tells of notifications beside', async () => {
  const [author, viewer] = [await world.person(), await world.person()];
  await world.awake(author, viewer);
  await world.follow(viewer, author);
  await eventually(async () => expect(await world.feed(viewer)).toEqual([]));
  const feed = openStream(viewer);
  await feed.begun;
  const first = await world.post(author, 'one');
  await eventually(() => expect(feed.told).toEqual([first]), PATIENCE);

  await world.plaza.process('feed').restart();
  await eventually(() => world.awake(viewer), PATIENCE);
  const wish = { authorId: author, text: 'two', requestId: newId() };
  const second = (await insist(() => world.plaza.clients.posts.createPost(world.plaza.asUser(author), wish))).post!.postId;
  await eventually(() => expect(feed.told).toEqual([first, second]), PATIENCE);
  feed.close();

  const { posts, notifications } = world.plaza.clients;
  await posts.like(world.plaza.asUser(viewer), { userId: viewer, postId: second, requestId: newId() });
  await eventually(async () => {
    const told = await notifications.listNotifications(world.plaza.asUser(author), { userId: author });
    expect(told.notifications.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining([NotificationKind.LIKE, NotificationKind.FOLLOW, NotificationKind.WELCOME]),
    );
    const unread = await notifications.getUnreadCount(world.plaza.asUser(author), { userId: author });
    expect(unread.unread).toBe(told.notifications.filter((one) => one.unread).length);
  }, PATIENCE);
});

/** A client that does what a careful one does: when the stream breaks, it goes on from the last token. */
const openStream = (viewerId: string) => {
  const closing = new AbortController();
  const told: string[] = [];
  const begun = Promise.withResolvers<void>();
  let resumeToken = '';
  const run = async () => {
    while (!closing.signal.aborted) {
      const ctx = { ...world.plaza.asUser(viewerId, 60_000), signal: closing.signal };
      try {
        for await (const answer of world.plaza.clients.feed.streamHomeFeed(ctx, { viewerId, resumeToken })) {
          ({ resumeToken } = answer);
          begun.resolve();
          if (answer.item) told.push(answer.item.post!.postId);
        }
      } catch {
        // The service is away, or this client is: either way, again.
        await pause(100, closing.signal);
      }
    }
  };
  void run();
  return { told, begun: begun.promise, close: () => closing.abort() };
};
