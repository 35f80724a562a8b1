import { newId } from '@plaza/core';
import { followCreated } from '@plaza/events';
import { NotificationKind, type Notification } from '@plaza/proto/plaza/feed/v1/notification_service';
import { asUser } from '@plaza/testing';
import { beforeEach, expect, test } from 'vitest';

import { noticeWorld } from './notice-world.ts';

let world: ReturnType<typeof noticeWorld>;
let me: string;
beforeEach(() => {
  world = noticeWorld();
  me = newId();
});

const engage = async (kind: 'like' | 'repost', userId: string, postId: string) => {
  await world.posts[kind](asUser(userId), { userId, postId, requestId: newId() });
  await world.settle();
};
const markRead = (place: string) => world.notices.markRead(asUser(me), { userId: me, place, requestId: '' });
/** How many like a post is the same for everybody. */
const listed = async () => (await world.list(me)).map((item) => ({ ...item, post: item.post?.postId }));
const followed = () => world.tell(followCreated, { followerId: newId(), followeeId: me, followTime: undefined });

/** A stream that is read answer by answer. */
const open = async (resumeToken = '') => {
  const answers = world.notices.streamNotifications(asUser(me), { userId: me, resumeToken })[Symbol.asyncIterator]();
  const take = async () => (await answers.next()).value!;
  await take();
  return async (): Promise<Notification> => (await take()).notification!;
};

const ways = (['hidden', 'muted'] as const).flatMap((how) =>
  (['like', 'repost'] as const).flatMap((kind) => [true, false].map((before) => [how, kind, before] as const)),
);

test.each(ways)('of what somebody %s did, a %s, not even the time is told; hidden before it: %s', async (how, kind, before) => {
  const postId = await world.publish(me);
  const [ann, bob] = [newId(), newId()];
  await engage(kind, ann, postId);
  await followed();
  const was = await world.list(me);
  await markRead(was[0]!.place);
  const read = await listed();
  expect(read.map(({ unread }) => unread)).toEqual([false, false]);
  if (before) world[how].add(`${me} ${bob}`);
  await engage(kind, bob, postId);
  expect(await world.unread(me)).toBe(before ? 0 : 1);
  if (!before) world[how].add(`${me} ${bob}`);
  expect(await listed()).toEqual(read);
  expect(await world.unread(me)).toBe(0);
  // Whoever comes then is news.
  await engage(kind, newId(), postId);
  expect(await world.unread(me)).toBe(1);
  world[how].clear();
  expect((await world.list(me))[0]).toMatchObject({ actorCount: 3n, unread: true });
});

test('what is counted as unread is what is listed so, also where what somebody hidden did stands between', async () => {
  const postId = await world.publish(me);
  const bob = newId();
  world.hidden.add(`${me} ${bob}`);
  await engage('like', newId(), postId);
  await markRead((await world.list(me))[0]!.place);
  await followed();
  await engage('like', bob, postId);
  await followed();
  const items = await world.list(me);
  expect(items.map(({ unread }) => unread)).toEqual([true, true, false]);
  expect(await world.unread(me)).toBe(2);
});

test('what somebody hidden did makes no stream tell again what it told, or what the list did', async () => {
  const [first, second] = [await world.publish(me), await world.publish(me)];
  const [ann, bob] = [newId(), newId()];
  world.hidden.add(`${me} ${bob}`);
  await engage('like', ann, first);
  await engage('like', bob, first);
  const { resumeToken } = await world.notices.listNotifications(asUser(me), { userId: me, pageSize: 0, pageToken: '' });
  await world.posts.unlike(asUser(bob), { userId: bob, postId: first, requestId: '' });
  await engage('like', bob, first);
  await engage('repost', ann, second);
  const take = await open(resumeToken);
  expect(await take()).toMatchObject({ kind: NotificationKind.REPOST });
  await engage('repost', bob, second);
  const next = take();
  await engage('like', newId(), first);
  expect(await next).toMatchObject({ kind: NotificationKind.LIKE, actorCount: 2n });
});

test('who liked before somebody hidden did is told of, at the time they did, though nobody looked in between', async () => {
  const postId = await world.publish(me);
  const [ann, bob] = [newId(), newId()];
  world.hidden.add(`${me} ${bob}`);
  const { resumeToken } = await world.notices.listNotifications(asUser(me), { userId: me, pageSize: 0, pageToken: '' });
  await engage('like', ann, postId);
  const [like] = await world.list(me);
  await engage('like', bob, postId);
  const take = await open(resumeToken);
  expect(await take()).toMatchObject({ kind: NotificationKind.LIKE, place: like!.place, notifyTime: like!.notifyTime });
  const next = take();
  await world.posts.unlike(asUser(bob), { userId: bob, postId, requestId: '' });
  await engage('like', bob, postId);
  await followed();
  expect(await next).toMatchObject({ kind: NotificationKind.FOLLOW });
});

test.each(['like', 'repost'] as const)(
  'a stream that begins now tells of no %s that was there, whoever hidden comes then',
  async (kind) => {
    const postId = await world.publish(me);
    const [ann, bob] = [newId(), newId()];
    world.hidden.add(`${me} ${bob}`);
    await engage(kind, ann, postId);
    const take = await open();
    const next = take();
    await engage(kind, bob, postId);
    await followed();
    expect(await next).toMatchObject({ kind: NotificationKind.FOLLOW });
  },
);
