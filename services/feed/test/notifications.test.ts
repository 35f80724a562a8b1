import { feedClients } from '@plaza/clients';
import { isAppError, newId, noMetrics, silentLog, type Context } from '@plaza/core';
import {
  followRequested,
  orderPaid,
  priceChanged,
  productSaved,
  stockRestocked,
  userCreated,
  userErasureRequested,
} from '@plaza/events';
import { NotificationKind, type Notification } from '@plaza/proto/plaza/feed/v1/notification_service';
import { asAdmin, asUser, eventually, startEventSource, startNats, testContext, testKeys, type Engine } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createApp, type App } from '../src/app.ts';
import { keys, postsTable } from '../src/store/table.ts';
import { briefly } from './notice-world.ts';
import { startWorld, type World, refusalOf } from './world.ts';

const PATIENCE = { timeoutMs: 20_000, everyMs: 20 };

let nats: Engine;
let world: World;
beforeAll(async () => {
  nats = await startNats();
  world = await startWorld({
    config: { natsUrl: nats.url },
  });
});
afterAll(async () => {
  await world?.close();
  await nats?.stop();
});

const list = async (userId: string): Promise<Notification[]> =>
  (await world.notifications.listNotifications(asUser(userId), { userId })).notifications;
const unread = async (userId: string) => (await world.notifications.getUnreadCount(asUser(userId), { userId })).unread;
const sourceOf = (owner: string) => {
  const { natsUrl, namespace } = world.config;
  return startEventSource({ natsUrl, namespace, owner });
};
const like = async (userId: string, postId: string) => world.posts.like(asUser(userId), { userId, postId, requestId: newId() });

test('of every kind somebody is told, reads it, and says what is not wanted', { timeout: 60_000 }, async () => {
  const [me, ann] = [world.person('me_myself'), world.person('ann')];
  const productId = world.product('tea');
  const [users, orders, products, graph] = ['user', 'order', 'product', 'graph'].map(sourceOf);
  try {
    await users!.publish(userCreated, { userId: me, username: 'me_myself', createTime: new Date() });
    await world.follow(ann, me);
    await graph!.publish(followRequested, { followerId: ann, followeeId: me, requestTime: new Date() });
    const { postId } = await world.publish(me);
    await like(ann, postId);
    await world.posts.repost(asUser(ann), { userId: ann, postId, requestId: newId() });
    await world.posts.createPost(asUser(ann), { authorId: ann, text: 'yes', replyToPostId: postId, requestId: newId() });
    await world.publish(ann, 'ask @me_myself');
    const lines = [{ productId, sellerId: newId(), quantity: 1n }];
    await orders!.publish(orderPaid, { orderId: newId(), userId: me, lines, total: undefined, attributedPostId: '' });
    await products!.publish(productSaved, { userId: me, productId, saveTime: new Date() });
    await eventually(async () => {
      expect(await world.db.get(testContext(), postsTable, keys.saved(me, productId))).toBeDefined();
    }, PATIENCE);
    await products!.publish(stockRestocked, { turns: [{ productId, stockVersion: 2n }] });
    const kinds = ['FOLLOW 1', 'FOLLOW_REQUEST 1', 'LIKE 1', 'MENTION 1', 'ORDER 0', 'PRODUCT_NEWS 0', 'REPLY 1', 'REPOST 1'];
    const all = [...kinds, 'WELCOME 0'].sort();
    const items = await eventually(async () => {
      const found = await list(me);
      expect(briefly(found).sort()).toEqual(all);
      return found;
    }, PATIENCE);
    for (const { actors } of items.filter(({ actorCount }) => actorCount > 0n))
      expect(actors).toEqual([{ userId: ann, username: 'ann', displayName: 'The ann' }]);
    expect(items.find(({ kind }) => kind === NotificationKind.PRODUCT_NEWS)!.product).toMatchObject({ name: 'tea' });
    expect(items.map(({ place }) => place)).toEqual(
      items
        .map(({ place }) => place)
        .toSorted()
        .toReversed(),
    );
    expect(await unread(me)).toBe(all.length);

    const price = { productId, sellerId: newId(), changeTime: new Date() };
    const money = { currencyCode: 'EUR', units: 3n, nanos: 0 };
    await products!.publish(priceChanged, { ...price, oldPrice: money, newPrice: { ...money, units: 2n } });
    const latest = await eventually(async () => {
      const [first] = await list(me);
      expect(first!.news?.newPrice).toEqual({ ...money, units: 2n });
      return first!;
    }, PATIENCE);
    for (const place of [latest.place.toLowerCase(), '7ZZZZZZZZZZZZZZZZZZZZZZZZZ'])
      expect(await refusalOf(world.notifications.markRead(asUser(me), { userId: me, place }))).toMatchObject({
        reason: 'INVALID_FIELD',
        details: { violations: [{ field: 'place' }] },
      });
    await world.notifications.markRead(asUser(me), { userId: me, place: latest.place });
    await eventually(async () => expect(await unread(me)).toBe(0), PATIENCE);
    await world.notifications.updateNotificationPreferences(asUser(me), {
      userId: me,
      unwanted: [NotificationKind.WELCOME, NotificationKind.FOLLOW],
    });
    expect(briefly(await list(me))).not.toContain('WELCOME 0');
    const asTheySee = await world.notifications.listNotifications(asAdmin(), { userId: me });
    expect(asTheySee.notifications).toHaveLength(all.length - 2);

    await users!.publish(userErasureRequested, { userId: me, deleteTime: new Date(Date.now() - 60_000) });
    const report = await eventually(() => {
      const found = world.peers.reports.find(({ userId }) => userId === me);
      expect(found).toBeDefined();
      return found!;
    }, PATIENCE);
    expect(report.erased).toContainEqual({ kind: 'notifications', count: BigInt(all.length) });
    expect((await world.db.query(testContext(), postsTable, { pk: keys.noticesRead(me).pk })).items).toEqual([]);
  } finally {
    await Promise.all([users, orders, products, graph].map((source) => source!.close()));
  }
});

/** What one hears of one process, and how it ended. */
const hear = (app: App, userId: string, resumeToken = '') => {
  const address = `127.0.0.1:${app.port}`;
  const client = feedClients({ address, token: testKeys().tokenOf, log: silentLog, metrics: noMetrics });
  const left = new AbortController();
  const ctx: Context = { ...asUser(userId, 60_000), signal: left.signal };
  const told: { place: string; at: number }[] = [];
  let token = resumeToken;
  let begun = false;
  const run = async () => {
    for await (const answer of client.notifications.streamNotifications(ctx, { userId, resumeToken })) {
      begun = true;
      token = answer.resumeToken;
      if (answer.notification) told.push({ place: answer.notification.place, at: Date.now() });
    }
  };
  const ended = run().catch((error: unknown) => {
    if (!isAppError(error)) throw error;
    return error.reason;
  });
  return {
    told,
    token: () => token,
    begun: () => eventually(() => expect(begun).toBe(true), PATIENCE),
    heard: (count: number) => eventually(() => expect(told).toHaveLength(count), PATIENCE),
    ended,
    async leave() {
      left.abort();
      await ended;
      client.close();
    },
  };
};

test(
  'a stream goes on where it was, over restarts of the service and of NATS: each once, none missing',
  { timeout: 90_000 },
  async () => {
    const me = world.person();
    const second = await createApp(world.config);
    const posts = await Promise.all(Array.from({ length: 12 }, () => world.publish(me)));
    const next = async (howMany: number) => {
      for (const { postId } of posts.splice(0, howMany)) await like(world.person(), postId);
    };
    const first = hear(second, me);
    await first.begun();
    await next(2);
    await first.heard(2);
    // The process ends; what happens until somebody comes back is told then.
    await second.close();
    expect(await first.ended).toBe('SERVER_CLOSING');
    await next(2);
    const again = await createApp(world.config);
    const other = hear(again, me, first.token());
    await other.heard(2);
    await nats.kill();
    await next(2);
    await nats.start();
    await other.heard(4);
    await next(2);
    await other.heard(6);
    const all = await list(me);
    expect(all).toHaveLength(8);
    const places = [...first.told, ...other.told].map(({ place }) => place);
    expect(places.toSorted()).toEqual(all.map(({ place }) => place).toSorted());
    await Promise.all([first.leave(), other.leave()]);
    await again.close();
  },
);

test('it is told as it happens', { timeout: 60_000 }, async () => {
  const me = world.person();
  const posts = await Promise.all(Array.from({ length: 20 }, () => world.publish(me)));
  const stream = hear(world.app, me);
  await stream.begun();
  const took: number[] = [];
  for (const [i, { postId }] of posts.entries()) {
    await like(world.person(), postId);
    const liked = Date.now();
    await stream.heard(i + 1);
    took.push(stream.told[i]!.at - liked);
  }
  await stream.leave();
  const median = took.toSorted((a, b) => a - b)[10]!;
  if (process.env['LATENCY'] !== undefined) process.stdout.write(`${JSON.stringify({ took })}\n`);
  expect(median).toBeLessThan(1_000);
});
