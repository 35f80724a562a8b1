import { asAdmin, asService, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { people, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

const gone = (userId: string) => world.stand(userId, { gone: true });
const back = (userId: string) => world.stand(userId, {});
const hide = (userId: string) => world.stand(userId, { isPrivate: true });

test('the posts of somebody gone are for nobody, from one read to the next, and back as soon', async () => {
  const [viewer, author, other] = crowd(3);
  await world.graph.follow(asUser(viewer, 30_000), { followerId: viewer, followeeId: author });
  const seen = async (viewerId: string) => {
    const { authors } = await world.graph.checkVisibility(asService('feed'), { viewerId, authorIds: [author, other] });
    return authors.map(({ visibility }) => visibility);
  };
  expect(await seen(viewer)).toEqual([1, 1]);
  await gone(author);
  for (const eyes of [viewer, author, '']) expect(await seen(eyes)).toEqual([2, 1]);
  await back(author);
  expect(await seen(viewer)).toEqual([1, 1]);
});

test('lists leave them out without losing their place, and of somebody gone there is no list', async () => {
  const [author, ...fans] = crowd(6);
  for (const followerId of fans) await world.graph.follow(asUser(followerId, 30_000), { followerId, followeeId: author });
  const [first, second, third] = fans.toReversed() as [string, string, string];
  await gone(first);
  await gone(second);
  const page = (pageToken = '', pageSize = 3) =>
    world.graph.listFollowers(testContext(), { userId: author, pageSize, pageToken });
  const shown = await page();
  expect(shown.followers.map(({ userId }) => userId)).toEqual(fans.toReversed().slice(2));
  expect(shown.nextPageToken).toBe('');
  const following = async (userId: string) =>
    (await world.graph.listFollowing(testContext(), { userId })).following.map((one) => one.userId);
  expect(await following(first)).toEqual([]);
  await gone(author);
  expect(await following(third)).toEqual([]);
  expect(await page('', 1)).toEqual({ followers: [], nextPageToken: '' });
  for (const userId of [author, first, second]) await back(userId);
  expect(await following(first)).toEqual([author]);
  expect((await page('', 0)).followers).toHaveLength(5);
});

test('their counts are those of a stranger, and nobody follows or is followed by them', async () => {
  const [a, b] = crowd(2);
  await world.graph.follow(asUser(a, 30_000), { followerId: a, followeeId: b });
  const counts = async () => {
    const answer = await world.graph.batchGetCounts(testContext(), { userIds: [a, b] });
    return answer.counts.map(({ followers, following }) => [Number(followers), Number(following)]);
  };
  const known = [
    [0, 1],
    [1, 0],
  ];
  await eventually(async () => expect(await counts()).toEqual(known));
  await gone(b);
  expect(await counts()).toEqual([
    [0, 1],
    [0, 0],
  ]);
  const refused = { code: 'NOT_FOUND', reason: 'USER_NOT_FOUND' };
  await expect(world.graph.follow(asUser(a, 30_000), { followerId: a, followeeId: b })).rejects.toMatchObject(refused);
  await expect(world.graph.follow(asUser(b, 30_000), { followerId: b, followeeId: a })).rejects.toMatchObject(refused);
  await back(b);
  expect(await counts()).toEqual(known);
});

test('reads do without the user service: who is gone was told before', async () => {
  const [viewer, author, left] = crowd(3);
  await gone(left);
  const check = () => world.graph.checkVisibility(asService('feed'), { viewerId: viewer, authorIds: [author, left] });
  const before = await check();
  expect(before.authors.map(({ visibility }) => visibility)).toEqual([1, 2]);
  world.away.user = true;
  try {
    expect(await check()).toEqual(before);
    expect(await world.graph.listFollowers(testContext(), { userId: author })).toEqual({ followers: [], nextPageToken: '' });
  } finally {
    world.away.user = false;
  }
});

test('the lists of who is private are for themselves, their followers and admins', async () => {
  const [owner, fan, stranger, friend] = crowd(4);
  await world.graph.follow(asUser(fan, 30_000), { followerId: fan, followeeId: owner });
  await world.graph.follow(asUser(owner, 30_000), { followerId: owner, followeeId: friend });
  await hide(owner);
  const lists = async (ctx = testContext()) => [
    (await world.graph.listFollowers(ctx, { userId: owner })).followers.map(({ userId }) => userId),
    (await world.graph.listFollowing(ctx, { userId: owner })).following.map(({ userId }) => userId),
  ];
  const all = [[fan], [friend]];
  for (const ctx of [asUser(owner), asUser(fan), asAdmin()]) expect(await lists(ctx)).toEqual(all);
  for (const ctx of [asUser(stranger), testContext()]) expect(await lists(ctx)).toEqual([[], []]);
  // Whom others follow is theirs to tell.
  const { following } = await world.graph.listFollowing(testContext(), { userId: fan });
  expect(following.map(({ userId }) => userId)).toEqual([owner]);
  await back(owner);
  expect(await lists()).toEqual(all);
});

const crowd = (n: number) => people(n) as [string, string, string, string, ...string[]];
