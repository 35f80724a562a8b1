import { asService, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { people, startWorld, type World } from './world.ts';

let world: World;
let ahead = 0;
beforeAll(async () => {
  world = await startWorld({}, { now: () => Date.now() + ahead });
});
beforeEach(() => {
  ahead = 0;
  world.away.user = false;
  world.strangers.clear();
});
afterAll(() => world.close());

test('the posts of somebody gone are for nobody, from one read to the next, and back as soon', async () => {
  const [viewer, author, other] = crowd(3);
  await world.graph.follow(asUser(viewer, 30_000), { followerId: viewer, followeeId: author });
  const seen = async (viewerId: string) => {
    const { authors } = await world.graph.checkVisibility(asService('feed'), { viewerId, authorIds: [author, other] });
    return authors.map(({ visibility }) => visibility);
  };
  expect(await seen(viewer)).toEqual([1, 1]);
  world.strangers.add(author);
  for (const eyes of [viewer, author, '']) expect(await seen(eyes)).toEqual([2, 1]);
  world.strangers.delete(author);
  expect(await seen(viewer)).toEqual([1, 1]);
});

test('lists leave them out without losing their place, and of somebody gone there is no list', async () => {
  const [author, ...fans] = crowd(6);
  for (const followerId of fans) await world.graph.follow(asUser(followerId, 30_000), { followerId, followeeId: author });
  const [first, second, third] = fans.toSorted() as [string, string, string];
  world.strangers.add(first).add(second);
  const page = await world.graph.listFollowers(testContext(), { userId: author, pageSize: 3 });
  expect(page.followers.map(({ userId }) => userId)).toEqual([third]);
  const rest = await world.graph.listFollowers(testContext(), { userId: author, pageSize: 3, pageToken: page.nextPageToken });
  expect(rest.followers.map(({ userId }) => userId)).toEqual(fans.toSorted().slice(3));
  expect(rest.nextPageToken).toBe('');
  const following = async (userId: string) =>
    (await world.graph.listFollowing(testContext(), { userId })).following.map((one) => one.userId);
  expect(await following(first)).toEqual([]);
  world.strangers.add(author);
  expect(await following(third)).toEqual([]);
  expect(await world.graph.listFollowers(testContext(), { userId: author, pageSize: 1 })).toEqual({
    followers: [],
    nextPageToken: '',
  });
  world.strangers.clear();
  expect(await following(first)).toEqual([author]);
  expect((await world.graph.listFollowers(testContext(), { userId: author })).followers).toHaveLength(5);
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
  world.strangers.add(b);
  expect(await counts()).toEqual([
    [0, 1],
    [0, 0],
  ]);
  const refused = { code: 'NOT_FOUND', reason: 'USER_NOT_FOUND' };
  await expect(world.graph.follow(asUser(a, 30_000), { followerId: a, followeeId: b })).rejects.toMatchObject(refused);
  await expect(world.graph.follow(asUser(b, 30_000), { followerId: b, followeeId: a })).rejects.toMatchObject(refused);
  world.strangers.delete(b);
  expect(await counts()).toEqual(known);
});

test('without the user service, what it said within a minute holds; then nothing is told', async () => {
  const [viewer, author, gone] = crowd(3);
  world.strangers.add(gone);
  const check = () => world.graph.checkVisibility(asService('feed'), { viewerId: viewer, authorIds: [author, gone] });
  const before = await check();
  world.away.user = true;
  ahead = 59_000;
  expect(await check()).toEqual(before);
  ahead = 61_000;
  await expect(check()).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'PEER_UNAVAILABLE' });
  await expect(world.graph.listFollowers(testContext(), { userId: author })).rejects.toMatchObject({
    reason: 'PEER_UNAVAILABLE',
  });
  world.away.user = false;
  expect(await check()).toEqual(before);
});

const crowd = (n: number) => people(n) as [string, string, string, ...string[]];
