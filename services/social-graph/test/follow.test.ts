import { newId } from '@plaza/core';
import { asAdmin, asService, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { audit } from './audit.ts';
import { people, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ followLimit: 3 });
});
afterAll(() => world.close());

const countsOf = async (...userIds: string[]) => {
  const { counts } = await world.graph.batchGetCounts(testContext(), { userIds });
  return counts.map(({ followers, following }) => [Number(followers), Number(following)]);
};

test('a follow shows in both lists, in the counts and to the feed', async () => {
  const [a, b] = people(2) as [string, string];
  expect(await world.graph.follow(asUser(a, 30_000), { followerId: a, followeeId: b })).toEqual({ state: 1 });
  const { following } = await world.graph.listFollowing(testContext(), { userId: a });
  const { followers } = await world.graph.listFollowers(testContext(), { userId: b });
  expect([following.map(({ userId }) => userId), followers.map(({ userId }) => userId)]).toEqual([[b], [a]]);
  expect(following[0]!.followTime).toEqual(followers[0]!.followTime);
  expect((await countsOf(a))[0]).toEqual([0, 1]);
  await eventually(async () =>
    expect(await countsOf(b, a, b)).toEqual([
      [1, 0],
      [0, 1],
      [1, 0],
    ]),
  );
  expect(await world.graph.checkVisibility(asService('feed'), { viewerId: a, authorIds: [b, a, b] })).toEqual({
    authors: [
      { authorId: b, visibility: 1, following: true },
      { authorId: a, visibility: 1, following: false },
      { authorId: b, visibility: 1, following: true },
    ],
  });
});

test('an anonymous viewer follows nobody and sees everybody', async () => {
  const authorIds = people(200);
  const { authors } = await world.graph.checkVisibility(asService('feed'), { authorIds });
  expect(authors).toEqual(authorIds.map((authorId) => ({ authorId, visibility: 1, following: false })));
});

test('following twice and unfollowing a stranger change nothing', async () => {
  const [a, b] = people(2) as [string, string];
  await world.graph.unfollow(asUser(a, 30_000), { followerId: a, followeeId: b });
  for (let i = 0; i < 3; i++)
    expect(await world.graph.follow(asUser(a, 30_000), { followerId: a, followeeId: b })).toEqual({ state: 1 });
  await world.graph.unfollow(asUser(a, 30_000), { followerId: a, followeeId: b });
  await world.graph.unfollow(asUser(a, 30_000), { followerId: a, followeeId: b });
  expect(await world.edge(a, b)).toEqual([false, false]);
  await eventually(async () => expect(await audit(world.app.db, [a, b])).toEqual([]));
  expect(await countsOf(a, b)).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

test('a request id holds: late repetitions change nothing, whatever happened since', async () => {
  const [a, b] = people(2) as [string, string];
  const follow = { followerId: a, followeeId: b, requestId: newId() };
  const unfollow = { ...follow, requestId: newId() };
  const redundant = { ...follow, requestId: newId() };
  const idle = { ...follow, requestId: newId() };
  await world.graph.unfollow(asUser(a, 30_000), idle);
  await world.graph.follow(asUser(a, 30_000), follow);
  await world.graph.follow(asUser(a, 30_000), redundant);
  await world.graph.unfollow(asUser(a, 30_000), idle);
  expect(await world.edge(a, b)).toEqual([true, true]);
  await world.graph.unfollow(asUser(a, 30_000), unfollow);
  world.strangers.add(b);
  expect(await world.graph.follow(asUser(a, 30_000), follow)).toEqual({ state: 1 });
  expect(await world.graph.follow(asUser(a, 30_000), redundant)).toEqual({ state: 1 });
  expect(await world.edge(a, b)).toEqual([false, false]);
  await expect(world.graph.follow(asUser(a, 30_000), { ...follow, followeeId: newId() })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'REQUEST_ID_REUSED',
  });
});

test('oneself, nobody and one too many are refused by name', async () => {
  const [a, b, nobody] = people(3) as [string, string, string];
  world.strangers.add(nobody);
  const refused = (followerId: string, followeeId: string) =>
    world.graph.follow(asAdmin(), { followerId, followeeId }).catch((error: unknown) => error);
  expect(await refused(a, a)).toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'SELF_FOLLOW',
    details: { domain: 'plaza.graph' },
  });
  expect(await refused(a, nobody)).toMatchObject({
    code: 'NOT_FOUND',
    reason: 'USER_NOT_FOUND',
    details: { metadata: { user_id: nobody } },
  });
  expect(await refused(nobody, a)).toMatchObject({ reason: 'USER_NOT_FOUND', details: { metadata: { user_id: nobody } } });
  expect(await refused('not an id', b)).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD' });
  for (const followeeId of people(3)) await world.graph.follow(asUser(a, 30_000), { followerId: a, followeeId });
  expect(await refused(a, b)).toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'FOLLOW_LIMIT',
    details: { metadata: { limit: '3' } },
  });
});

test('the limit holds when many follows race, and an unfollow makes room', async () => {
  const [a, last, ...others] = people(14) as [string, string, ...string[]];
  const results = await Promise.allSettled(
    others.map((followeeId) => world.graph.follow(asUser(a, 60_000), { followerId: a, followeeId })),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  const { following } = await world.graph.listFollowing(testContext(), { userId: a });
  expect(following).toHaveLength(3);
  await world.graph.unfollow(asUser(a, 30_000), { followerId: a, followeeId: following[0]!.userId });
  await world.graph.follow(asUser(a, 30_000), { followerId: a, followeeId: last });
  await eventually(async () => expect(await audit(world.app.db, [a, last, ...others])).toEqual([]));
});

test('policies hold by real tokens', async () => {
  const [a, b] = people(2) as [string, string];
  const edge = { followerId: a, followeeId: b };
  const denied = { code: 'PERMISSION_DENIED', reason: 'POLICY_DENIED' };
  await expect(world.graph.follow(testContext(), edge)).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
    reason: 'TOKEN_MISSING',
  });
  await expect(world.graph.follow(asUser(b), edge)).rejects.toMatchObject(denied);
  await expect(world.graph.unfollow(asUser(b), edge)).rejects.toMatchObject(denied);
  await expect(world.graph.checkVisibility(asUser(a, 30_000), { viewerId: a, authorIds: [b] })).rejects.toMatchObject(denied);
  await expect(world.graph.checkVisibility(asService('order'), { viewerId: a, authorIds: [b] })).rejects.toMatchObject(denied);
  const messages = async function* () {
    yield { followerId: a, followeeIds: [b] };
  };
  await expect(world.graph.importFollows(asUser(a, 30_000), messages())).rejects.toMatchObject(denied);
  await expect(world.events.getOutboxStatus(asUser(a, 30_000), {})).rejects.toMatchObject(denied);
});

test('the operator sees an outbox that empties, no dead letters, and may replay without changing a count', async () => {
  const [a, b] = people(2) as [string, string];
  const begin = new Date(Date.now() - 60_000);
  await world.graph.follow(asUser(a, 30_000), { followerId: a, followeeId: b });
  await eventually(async () =>
    expect(await world.events.getOutboxStatus(asAdmin(), {})).toMatchObject({ pending: 0n, busConnected: true }),
  );
  await eventually(async () => expect(await countsOf(b)).toEqual([[1, 0]]));
  expect((await world.events.replayEvents(asAdmin(), { fromTime: begin })).replayed).toBeGreaterThan(0n);
  expect((await world.events.listDeadLetters(asAdmin(), {})).deadLetters).toEqual([]);
  await eventually(async () => expect(await audit(world.app.db, [a, b])).toEqual([]));
});
