import { newId } from '@plaza/core';
import {
  followCreated,
  followRemoved,
  followRequested,
  followRequestRemoved,
  followsImported,
  orderPaid,
  orderShipped,
  priceChanged,
  stockDepleted,
  stockRestocked,
  userCreated,
} from '@plaza/events';
import { ProductNewsKind } from '@plaza/proto/plaza/feed/v1/feed_service';
import { NotificationKind, OrderStep } from '@plaza/proto/plaza/feed/v1/notification_service';
import { FollowEnd, FollowRequestEnd } from '@plaza/proto/plaza/graph/v1/events';
import { asAdmin, asUser } from '@plaza/testing';
import { beforeEach, expect, test } from 'vitest';

import { briefly, noticeWorld } from './notice-world.ts';
import { refusalOf } from './world.ts';

let world: ReturnType<typeof noticeWorld>;
let me: string;
beforeEach(() => {
  world = noticeWorld();
  me = newId();
});

const followed = (followerId: string) => world.tell(followCreated, { followerId, followeeId: me, followTime: undefined });
const brief = async () => briefly(await world.list(me));

test('what happens to one post is one notification that moves up; who did it and how many is as it is now', async () => {
  const postId = await world.publish(me);
  const [ann, bob] = [newId(), newId()];
  await world.like(ann, postId);
  await world.settle();
  await followed(newId());
  expect(await brief()).toEqual(['FOLLOW 1', 'LIKE 1']);
  await world.like(bob, postId);
  await world.settle();
  const [like] = await world.list(me);
  expect(like).toMatchObject({ kind: NotificationKind.LIKE, actorCount: 2n, unread: true, post: { postId } });
  expect(like!.actors.map(({ userId }) => userId)).toEqual([bob, ann]);
  await world.posts.unlike(asUser(bob), { userId: bob, postId, requestId: '' });
  expect(await brief()).toEqual(['FOLLOW 1', 'LIKE 1']);
  await world.posts.unlike(asUser(ann), { userId: ann, postId, requestId: '' });
  expect(await brief()).toEqual(['FOLLOW 1']);
});

test('nobody is told of what they do themselves, nor of what is private', async () => {
  const postId = await world.publish(me);
  world.named.set('me_myself', me);
  await world.like(me, postId);
  await world.posts.repost(asUser(me), { userId: me, postId, requestId: newId() });
  await world.publish(me, 'I am @me_myself', { replyToPostId: postId });
  await world.publish(newId(), 'psst, @me_myself', { replyToPostId: postId, visibility: 3 });
  await world.settle();
  expect(await brief()).toEqual([]);
  expect(await world.unread(me)).toBe(0);
});

test('whoever is hidden or muted is not told of, whatever they did; nor is what they did counted', async () => {
  const postId = await world.publish(me);
  world.named.set('myself', me);
  const [ann, bob, carl] = [newId(), newId(), newId()];
  for (const one of [ann, bob, carl]) {
    await world.like(one, postId);
    await world.posts.repost(asUser(one), { userId: one, postId, requestId: newId() });
    await world.publish(one, 'well, @myself', { replyToPostId: postId });
    await world.publish(one, '@myself');
    await followed(one);
    await world.tell(followRequested, { followerId: one, followeeId: me, requestTime: undefined });
    await world.settle();
  }
  expect(await world.unread(me)).toBe((await world.list(me)).length);
  world.hidden.add(`${me} ${bob}`);
  world.muted.add(`${me} ${carl}`);
  const items = await world.list(me);
  expect(briefly(items).sort()).toEqual(['FOLLOW 1', 'FOLLOW_REQUEST 1', 'LIKE 1', 'MENTION 1', 'REPLY 1', 'REPOST 1']);
  for (const { actors } of items) expect(actors.map(({ userId }) => userId)).toEqual([ann]);
  expect(await world.unread(me)).toBe(6);
  world.hidden.add(`${me} ${ann}`);
  expect(await world.list(me)).toEqual([]);
  expect(await world.unread(me)).toBe(0);
  expect(JSON.stringify(await world.list(me))).not.toContain(bob);
});

test('a post that is deleted, or no longer for the user to see, is not told of any more', async () => {
  const mine = await world.publish(me);
  const ann = newId();
  await world.like(ann, mine);
  const answer = await world.publish(ann, 'yes', { replyToPostId: mine });
  const other = await world.publish(ann, 'and this', { replyToPostId: mine });
  await world.settle();
  expect(await world.unread(me)).toBe(3);
  const changes = { text: '', media: [], productIds: [], visibility: 3 as const };
  await world.posts.updatePost(asUser(ann), { postId: other, changes, updateMask: ['visibility'], etag: '', requestId: '' });
  await world.posts.deletePost(asUser(ann), { postId: answer, requestId: '' });
  expect(await brief()).toEqual(['LIKE 1']);
  await world.posts.deletePost(asUser(me), { postId: mine, requestId: '' });
  expect(await brief()).toEqual([]);
  expect(await world.unread(me)).toBe(0);
});

test('an admin who looks with the eyes of somebody is not shown the posts of who is gone', async () => {
  const postId = await world.publish(me);
  await world.like(newId(), postId);
  await world.settle();
  expect(briefly(await world.list(me, 0, asAdmin()))).toEqual(['LIKE 1']);
  world.hidden.add(`${me} ${me}`);
  expect(await world.list(me, 0, asAdmin())).toEqual([]);
});

test('people who follow one after the other are one, until something else happens or some are read', async () => {
  await world.tell(userCreated, { userId: me, username: 'me', createTime: undefined });
  const fans = Array.from({ length: 4 }, () => newId());
  for (const fan of fans.slice(0, 2)) await followed(fan);
  const [both] = await world.list(me);
  expect(both).toMatchObject({ kind: NotificationKind.FOLLOW, actorCount: 2n });
  await world.notices.markRead(asUser(me), { userId: me, place: both!.place, requestId: '' });
  for (const fan of fans.slice(2)) await followed(fan);
  const items = await world.list(me);
  expect(briefly(items)).toEqual(['FOLLOW 2', 'FOLLOW 2', 'WELCOME 0']);
  expect(items.map(({ unread }) => unread)).toEqual([true, false, false]);
  expect(items[0]!.actors.map(({ userId }) => userId)).toEqual([fans[3], fans[2]]);
  expect(await world.unread(me)).toBe(1);
  await world.tell(followRemoved, { followerId: fans[3]!, followeeId: me, cause: FollowEnd.UNFOLLOWED });
  expect(await brief()).toEqual(['FOLLOW 1', 'FOLLOW 2', 'WELCOME 0']);
});

test('an import tells each who is followed; a request that is over is gone, also when the two events come the other way round', async () => {
  const [fan, other] = [newId(), newId()];
  await world.tell(followsImported, { followerId: fan, followeeIds: [me, other], followTime: undefined });
  expect(briefly(await world.list(other))).toEqual(['FOLLOW 1']);
  const asked = world.event(followRequested, { followerId: other, followeeId: me, requestTime: undefined });
  const over = world.event(followRequestRemoved, { followerId: other, followeeId: me, cause: FollowRequestEnd.WITHDRAWN });
  await world.deliver(asked);
  expect(await brief()).toEqual(['FOLLOW_REQUEST 1', 'FOLLOW 1']);
  for (const row of [over, asked]) await world.deliver(row);
  expect(await brief()).toEqual(['FOLLOW 1']);
  await world.tell(followRequested, { followerId: other, followeeId: me, requestTime: undefined });
  expect(await brief()).toEqual(['FOLLOW_REQUEST 1', 'FOLLOW 1']);
});

test('buyer and sellers are told of an order, in whatever order its steps arrive', async () => {
  const [seller, orderId] = [newId(), newId()];
  const line = { productId: newId(), sellerId: seller, quantity: 1n };
  const about = { orderId, userId: me };
  const paid = world.event(orderPaid, { ...about, lines: [line, line], total: undefined, attributedPostId: '' });
  const shipped = world.event(orderShipped, { ...about, sellerId: seller, carrier: 'x', complete: true });
  for (const row of [shipped, paid, shipped, paid]) await world.deliver(row);
  expect(await world.list(me)).toMatchObject([{ kind: NotificationKind.ORDER, orderId, orderStep: OrderStep.SHIPPED }]);
  expect(await world.list(seller)).toMatchObject([{ kind: NotificationKind.ORDER, orderId, orderStep: OrderStep.PAID }]);
});

test('who keeps products in view is told of price and stock, each product once, and of none that is gone', async () => {
  const [tea, cup] = [newId(), newId()];
  for (const productId of [tea, cup]) await world.save(me, productId);
  const turns = [tea, cup].map((productId) => ({ productId, stockVersion: 1n }));
  await world.tell(stockDepleted, { turns });
  const [a, b] = await world.list(me);
  expect([a!.product!.productId, b!.product!.productId].sort()).toEqual([tea, cup].sort());
  expect(a!.place).not.toBe(b!.place);
  await world.tell(stockRestocked, { turns: turns.slice(1) });
  const money = (units: bigint) => ({ currencyCode: 'EUR', units, nanos: 500_000_000 });
  const prices = { productId: tea, sellerId: newId(), oldPrice: money(3n), newPrice: money(2n), changeTime: undefined };
  await world.tell(priceChanged, prices);
  const items = await world.list(me);
  expect(items.map(({ news }) => news!.kind)).toEqual([ProductNewsKind.PRICE, ProductNewsKind.RESTOCKED]);
  expect(items[0]!.news).toMatchObject({ oldPrice: money(3n), newPrice: money(2n) });
  world.gone.add(tea);
  expect((await world.list(me)).map(({ product }) => product!.productId)).toEqual([cup]);
  expect(await world.unread(me)).toBe(1);
  world.muted.add(`${me} seller`);
  expect(await world.unread(me)).toBe(1);
  world.hidden.add(`${me} seller`);
  expect(await world.unread(me)).toBe(0);
  world.hidden.clear();
  world.away.products = true;
  const unknown = { code: 'UNAVAILABLE', reason: 'VISIBILITY_UNKNOWN' };
  expect(await refusalOf(world.unread(me))).toMatchObject(unknown);
  expect(await refusalOf(world.list(me))).toMatchObject(unknown);
  world.away.products = false;
  await world.save(me, cup, false);
  expect(await world.list(me)).toEqual([]);
});

test('what is not wanted is neither listed nor counted, of the past too, until it is wanted again', async () => {
  await followed(newId());
  await world.tell(userCreated, { userId: me, username: 'me', createTime: undefined });
  const unwanted = [NotificationKind.FOLLOW, NotificationKind.LIKE];
  const set = await world.notices.updateNotificationPreferences(asUser(me), { userId: me, unwanted, requestId: '' });
  expect(new Set(set.unwanted)).toEqual(new Set(unwanted));
  expect(await brief()).toEqual(['WELCOME 0']);
  expect(await world.unread(me)).toBe(1);
  expect(await world.notices.getNotificationPreferences(asUser(me), { userId: me })).toEqual(set);
  await world.notices.updateNotificationPreferences(asUser(me), { userId: me, unwanted: [], requestId: '' });
  expect(await brief()).toEqual(['WELCOME 0', 'FOLLOW 1']);
});

test('having read less than before changes nothing, and nobody has read what is to come', async () => {
  for (let i = 0; i < 2; i++) await world.publish(me).then((postId) => world.like(newId(), postId));
  await world.settle();
  const [second, first] = await world.list(me);
  const mark = (place: string) => world.notices.markRead(asUser(me), { userId: me, place, requestId: '' });
  await mark(first!.place);
  expect(await world.unread(me)).toBe(1);
  await mark(second!.place);
  await mark(first!.place);
  expect(await world.unread(me)).toBe(0);
  for (const place of [`7${'Z'.repeat(25)}`, second!.place.toLowerCase()])
    await expect(mark(place)).rejects.toMatchObject({ reason: 'INVALID_FIELD' });
});
