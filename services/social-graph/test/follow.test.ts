import { newId, type AppError } from '@plaza/core';
import { asAdmin, asService, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { audit } from './audit.ts';
import { refusal, verbs, type Verbs } from './verbs.ts';
import { people, startWorld, type World } from './world.ts';

let world: World;
let does: Verbs;
beforeAll(async () => {
  world = await startWorld({ followLimit: 3 });
  does = verbs(world.graph);
});
beforeEach(() => {
  world.away.user = false;
});
afterAll(() => world.close());

const countsOf = async (...userIds: string[]) => {
  const { counts } = await world.graph.batchGetCounts(testContext(), { userIds });
  return counts.map(({ followers, following }) => [Number(followers), Number(following)]);
};

test('a follow shows on both sides, in the counts and to the feed', async () => {
  const [a, b] = people(2) as [string, string];
  expect(await does.follow(a, b)).toEqual({ state: 1 });
  expect(await world.edge(a, b)).toEqual([true, true]);
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
      { authorId: b, visibility: 1, following: true, repostsMuted: false },
      { authorId: a, visibility: 1, following: false, repostsMuted: false },
      { authorId: b, visibility: 1, following: true, repostsMuted: false },
    ],
    epoch: expect.any(String) as string,
  });
});

test('an anonymous viewer follows nobody and sees everybody', async () => {
  const authorIds = people(200);
  const { authors } = await world.graph.checkVisibility(asService('feed'), { authorIds });
  expect(authors).toEqual(authorIds.map((authorId) => ({ authorId, visibility: 1, following: false, repostsMuted: false })));
});

test('following twice and unfollowing a stranger change nothing', async () => {
  const [a, b] = people(2) as [string, string];
  await does.unfollow(a, b);
  for (let i = 0; i < 3; i++) expect(await does.follow(a, b)).toEqual({ state: 1 });
  await does.unfollow(a, b);
  await does.unfollow(a, b);
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
  for (const followee of people(3)) await does.follow(a, followee);
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
  expect(await countsOf(a)).toEqual([[0, 3]]);
  await does.unfollow(a, others[results.findIndex(({ status }) => status === 'fulfilled')]!);
  await world.graph.follow(asUser(a, 30_000), { followerId: a, followeeId: last });
  await eventually(async () => expect(await audit(world.app.db, [a, last, ...others])).toEqual([]));
});

test('who blocks the follower looks exactly like somebody who never was', async () => {
  const [a, b, nobody] = people(3) as [string, string, string];
  world.strangers.add(nobody);
  await does.block(b, a);
  const looks = async (id: string) => {
    const { code, reason, message, details } = (await refusal(does.follow(a, id))) as AppError;
    return JSON.stringify({ code, reason, message, details }).replaceAll(id, 'them');
  };
  expect(await looks(b)).toBe(await looks(nobody));
  expect(await refusal(does.follow(a, b))).toMatchObject({ code: 'NOT_FOUND', details: { metadata: { user_id: b } } });
  // Whoever blocks them in turn is answered alike, whether they go on blocking or not.
  await does.block(a, b);
  const blocked = { code: 'FAILED_PRECONDITION', reason: 'USER_BLOCKED', details: { metadata: { user_id: b } } };
  expect(await refusal(does.follow(a, b))).toMatchObject(blocked);
  await does.mute(a, b);
  await does.unblock(b, a);
  expect(await refusal(does.follow(a, b))).toMatchObject(blocked);
});

test('while the user service is away nobody follows, blocks or mutes, but everything can be ended', async () => {
  const [a, b, c] = people(3) as [string, string, string];
  await does.follow(a, b);
  await does.follow(b, a);
  await does.block(a, c);
  await does.mute(a, b);
  world.away.user = true;
  const hasty = verbs(world.hasty);
  const away = { code: 'UNAVAILABLE', reason: 'PEER_UNAVAILABLE' };
  for (const begin of [hasty.follow, hasty.block, hasty.mute]) expect(await refusal(begin(b, c))).toMatchObject(away);
  await does.unfollow(a, b);
  await does.remove(a, b);
  await does.unblock(a, c);
  await does.unmute(a, b);
  await does.reject(a, b);
  world.away.user = false;
  await eventually(async () => expect(await audit(world.app.db, [a, b, c])).toEqual([]));
  expect([await world.edge(a, b), await world.edge(b, a)].flat()).toEqual([false, false, false, false]);
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
  await does.follow(a, b);
  await eventually(async () =>
    expect(await world.events.getOutboxStatus(asAdmin(), {})).toMatchObject({ pending: 0n, busConnected: true }),
  );
  await eventually(async () => expect(await countsOf(b)).toEqual([[1, 0]]));
  expect((await world.events.replayEvents(asAdmin(), { fromTime: begin })).replayed).toBeGreaterThan(0n);
  expect((await world.events.listDeadLetters(asAdmin(), {})).deadLetters).toEqual([]);
  await eventually(async () => expect(await audit(world.app.db, [a, b])).toEqual([]));
});
