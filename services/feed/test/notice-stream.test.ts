import { newId, type Context } from '@plaza/core';
import { followCreated, stockDepleted } from '@plaza/events';
import { NotificationKind, type StreamNotificationsResponse } from '@plaza/proto/plaza/feed/v1/notification_service';
import { asUser } from '@plaza/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { briefly, noticeWorld } from './notice-world.ts';
import { refusalOf } from './world.ts';

let world: ReturnType<typeof noticeWorld>;
let me: string;
beforeEach(() => {
  world = noticeWorld();
  me = newId();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A stream that is read answer by answer. */
const open = async (resumeToken = '', ctx: Context = asUser(me)) => {
  const answers = world.notices.streamNotifications(ctx, { userId: me, resumeToken })[Symbol.asyncIterator]();
  const next = async (): Promise<StreamNotificationsResponse> => {
    const { value } = await answers.next();
    return value as StreamNotificationsResponse;
  };
  const first = await next();
  expect(first.notification).toBeUndefined();
  let token = first.resumeToken;
  return {
    take: async () => {
      const { notification, resumeToken: later } = await next();
      token = later;
      return notification!;
    },
    token: () => token,
    leave: () => answers.return?.(),
  };
};

const followed = async (followerId = newId()) => {
  await world.tell(followCreated, { followerId, followeeId: me, followTime: undefined });
  return followerId;
};

test('what was there is not told, what comes is, and a group again when more happens to it', async () => {
  await followed();
  const stream = await open();
  const postId = await world.publish(me);
  const waiting = stream.take();
  await world.like(newId(), postId);
  await world.settle();
  expect(await waiting).toMatchObject({ kind: NotificationKind.LIKE, actorCount: 1n, unread: true });
  const again = stream.take();
  await world.like(newId(), postId);
  await world.settle();
  expect(await again).toMatchObject({ kind: NotificationKind.LIKE, actorCount: 2n });
});

test('from any answer on another stream goes on: nothing is left out and nothing told twice, in whatever order it came', async () => {
  const rows = Array.from({ length: 12 }, () =>
    world.event(followCreated, { followerId: newId(), followeeId: me, followTime: undefined }),
  );
  const told: string[] = [];
  let token = (await open()).token();
  for (const [n, i] of [5, 2, 9, 11, 0, 1, 8, 3, 10, 7, 4, 6].entries()) {
    await world.deliver(rows[i]!);
    if (n % 3 < 2) continue;
    const stream = await open(token);
    while (told.length <= n) told.push((await stream.take()).place);
    token = stream.token();
    await stream.leave();
  }
  expect(told.toSorted()).toEqual(rows.map(({ sk }) => sk));
});

test('the list hands on to the stream: what its first page knew of is not told, what came meanwhile is', async () => {
  const fans = [];
  for (let i = 0; i < 5; i++) {
    await world.publish(me).then((postId) => world.like(newId(), postId));
    await world.settle();
    fans.push(await followed());
  }
  const page = await world.notices.listNotifications(asUser(me), { userId: me, pageSize: 2, pageToken: '' });
  expect(briefly(page.notifications)).toEqual(['FOLLOW 1', 'LIKE 1']);
  const later = await followed();
  const stream = await open(page.resumeToken);
  expect((await stream.take()).actors[0]!.userId).toBe(later);
  const last = stream.take();
  const newest = await followed();
  expect((await last).actors[0]!.userId).toBe(newest);
  const next = { userId: me, pageSize: 2, pageToken: page.nextPageToken };
  expect((await world.notices.listNotifications(asUser(me), next)).resumeToken).toBe('');
});

test('without a signal it is told a little later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  world.deaf.on = true;
  const stream = await open();
  const waiting = stream.take();
  const fan = await followed();
  await vi.advanceTimersByTimeAsync(15_000);
  expect((await waiting).actors[0]!.userId).toBe(fan);
});

test('who is hidden, muted or not wanted is not told of, and what follows is', async () => {
  const stream = await open();
  const [bob, carl] = [newId(), newId()];
  world.hidden.add(`${me} ${bob}`);
  world.muted.add(`${me} ${carl}`);
  const unwanted = [NotificationKind.LIKE];
  await world.notices.updateNotificationPreferences(asUser(me), { userId: me, unwanted, requestId: '' });
  await world.publish(me).then((postId) => world.like(newId(), postId));
  await world.settle();
  for (const one of [bob, carl]) await followed(one);
  const waiting = stream.take();
  const ann = await followed();
  expect((await waiting).actors[0]!.userId).toBe(ann);
});

test('who is muted while the client takes its time is not told of, though it was judged with what was taken', async () => {
  const stream = await open();
  const [first, second, third] = [await followed(), await followed(), await followed()];
  expect((await stream.take()).actors[0]!.userId).toBe(first);
  world.muted.add(`${me} ${second}`);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1_001 });
  expect((await stream.take()).actors[0]!.userId).toBe(third);
});

test('while it cannot be checked, nothing is told and nothing lost: the stream ends, and goes on from its token', async () => {
  const stream = await open();
  world.away.graph = true;
  const waiting = refusalOf(stream.take());
  const fan = await followed();
  expect(await waiting).toMatchObject({ code: 'UNAVAILABLE', reason: 'VISIBILITY_UNKNOWN' });
  world.away.graph = false;
  expect((await (await open(stream.token())).take()).actors[0]!.userId).toBe(fan);
});

test('a token is good for its user alone', async () => {
  const { resumeToken } = await world.notices.listNotifications(asUser(me), { userId: me, pageSize: 0, pageToken: '' });
  const other = newId();
  const stolen = world.notices.streamNotifications(asUser(other), { userId: other, resumeToken })[Symbol.asyncIterator]();
  expect(await refusalOf(stolen.next())).toMatchObject({ reason: 'PAGE_TOKEN_INVALID' });
  expect(await refusalOf(open(`${resumeToken}x`))).toMatchObject({ reason: 'PAGE_TOKEN_INVALID' });
});

test('thousands at once are told each once, though only the newest are remembered', async () => {
  const stream = await open();
  const rows = Array.from({ length: 1_000 }, () =>
    world.event(followCreated, { followerId: newId(), followeeId: me, followTime: undefined }),
  );
  await Promise.all(rows.map((row) => world.deliver(row)));
  const told = [];
  for (let i = 0; i < rows.length; i++) told.push((await stream.take()).place);
  expect(told).toEqual(rows.map(({ sk }) => sk));
});

test('while products cannot be asked for, news of them are not lost: the stream ends, and goes on from its token', async () => {
  const tea = newId();
  await world.save(me, tea);
  const { resumeToken } = await world.notices.listNotifications(asUser(me), { userId: me, pageSize: 0, pageToken: '' });
  await world.tell(stockDepleted, { turns: [{ productId: tea, stockVersion: 1n }] });
  world.away.products = true;
  expect(await refusalOf((await open(resumeToken)).take())).toMatchObject({ code: 'UNAVAILABLE', reason: 'VISIBILITY_UNKNOWN' });
  world.away.products = false;
  expect((await (await open(resumeToken)).take()).product!.productId).toBe(tea);
});
