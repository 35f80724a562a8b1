import { newId } from '@plaza/core';
import { FollowState } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { audit } from './audit.ts';
import { storyOf } from './story.ts';
import { refusal, verbs, type Verbs } from './verbs.ts';
import { people, startWorld, type World } from './world.ts';

let world: World;
let does: Verbs;
beforeAll(async () => {
  world = await startWorld({ followLimit: 2 });
  does = verbs(world.graph);
});
afterAll(() => world.close());

const NOT_FOUND = { code: 'NOT_FOUND', reason: 'FOLLOW_REQUEST_NOT_FOUND' };

/** A private account, and others. */
const crowd = async (others: number) => {
  const [owner, ...rest] = people(1 + others) as [string, string, string, string];
  await world.stand(owner, { isPrivate: true });
  return [owner, ...rest] as const;
};

const consistent = (...everybody: readonly string[]) =>
  eventually(async () => expect(await audit(world.app.db, everybody)).toEqual([]));

test('who is private is asked, and lets in', async () => {
  const [owner, a] = await crowd(1);
  const requestId = newId();
  expect(await does.follow(a, owner, { requestId })).toEqual({ state: FollowState.REQUESTED });
  expect(await does.follow(a, owner)).toEqual({ state: FollowState.REQUESTED });
  expect(await world.edge(a, owner)).toEqual([false, false]);
  await does.approve(owner, a);
  expect(await world.edge(a, owner)).toEqual([true, true]);
  expect(await does.follow(a, owner)).toEqual({ state: FollowState.ACTIVE });
  // The repetition answers what it was then.
  expect(await does.follow(a, owner, { requestId })).toEqual({ state: FollowState.REQUESTED });
  await does.approve(owner, a);
  expect(await storyOf(world.app.db, a, owner)).toEqual(['request began', 'request ended APPROVED', 'follow began']);
  await consistent(owner, a);
  const { counts } = await world.graph.batchGetCounts(testContext(), { userIds: [owner, a] });
  expect(counts.map(({ followers, following }) => [Number(followers), Number(following)])).toEqual([
    [1, 0],
    [0, 1],
  ]);
});

test('who is turned down may ask again, and who asked may think again', async () => {
  const [owner, a] = await crowd(1);
  await does.follow(a, owner);
  await does.reject(owner, a);
  await does.reject(owner, a);
  expect(await does.follow(a, owner)).toEqual({ state: FollowState.REQUESTED });
  await does.unfollow(a, owner);
  expect(await refusal(does.approve(owner, a))).toMatchObject({ ...NOT_FOUND, details: { metadata: { follower_id: a } } });
  const story = ['request began', 'request ended REJECTED', 'request began', 'request ended WITHDRAWN'];
  expect(await storyOf(world.app.db, a, owner)).toEqual(story);
  await consistent(owner, a);
});

test('only who asks is let in', async () => {
  const [owner, a, b] = await crowd(2);
  await does.follow(a, owner);
  for (const nobody of [b, owner, newId()]) expect(await refusal(does.approve(owner, nobody))).toMatchObject(NOT_FOUND);
  expect(await refusal(does.approve(a, owner))).toMatchObject(NOT_FOUND);
  await does.block(a, owner);
  expect(await refusal(does.approve(owner, a))).toMatchObject(NOT_FOUND);
  await does.follow(b, owner);
  await world.stand(b, { gone: true });
  expect(await refusal(does.approve(owner, b))).toMatchObject(NOT_FOUND);
  await consistent(owner, a, b);
});

test('a request counts towards no limit, the follow that comes of it does', async () => {
  const [owner, a, b, c] = await crowd(3);
  await does.follow(a, owner);
  for (const followee of [b, c]) await does.follow(a, followee);
  expect(await refusal(does.approve(owner, a))).toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'FOLLOW_LIMIT',
    details: { metadata: { limit: '2' } },
  });
  await does.unfollow(a, b);
  await does.approve(owner, a);
  expect(await world.edge(a, owner)).toEqual([true, true]);
  await consistent(owner, a, b, c);
});

test('a follower who is removed may ask again', async () => {
  const [owner, a, b] = await crowd(2);
  await does.follow(a, owner);
  await does.approve(owner, a);
  await does.remove(owner, a);
  await does.remove(owner, a);
  await does.remove(owner, b);
  await does.remove(owner, owner);
  expect(await world.edge(a, owner)).toEqual([false, false]);
  expect(await does.follow(a, owner)).toEqual({ state: FollowState.REQUESTED });
  // Who only asks is no follower.
  await does.remove(owner, a);
  await does.approve(owner, a);
  expect((await storyOf(world.app.db, a, owner)).slice(3)).toEqual([
    'follow ended REMOVED',
    'request began',
    'request ended APPROVED',
    'follow began',
  ]);
  await consistent(owner, a, b);
});

test('a request id holds: late repetitions change nothing, whatever happened since', async () => {
  const [owner, a, b] = await crowd(2);
  const [approval, rejection, removal] = [{ requestId: newId() }, { requestId: newId() }, { requestId: newId() }];
  await does.follow(a, owner);
  await does.follow(b, owner);
  await does.approve(owner, a, approval);
  await does.reject(owner, b, rejection);
  await does.remove(owner, a, removal);
  await does.follow(a, owner);
  await does.follow(b, owner);
  await does.approve(owner, a, approval);
  await does.reject(owner, b, rejection);
  expect(await world.edge(a, owner)).toEqual([false, false]);
  await does.approve(owner, a);
  await does.approve(owner, b);
  await does.remove(owner, a, removal);
  expect([await world.edge(a, owner), await world.edge(b, owner)].flat()).toEqual([true, true, true, true]);
  expect(await refusal(does.approve(owner, b, approval))).toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'REQUEST_ID_REUSED',
  });
  await consistent(owner, a, b);
});

test('only the owner of an account decides, and ids must be ids', async () => {
  const [owner, a] = await crowd(1);
  await does.follow(a, owner);
  const about = { userId: owner, followerId: a };
  const { approveFollowRequest, rejectFollowRequest, removeFollower } = world.graph;
  for (const call of [approveFollowRequest, rejectFollowRequest, removeFollower]) {
    expect(await refusal(call(asUser(a), about))).toMatchObject({ code: 'PERMISSION_DENIED', reason: 'POLICY_DENIED' });
    expect(await refusal(call(testContext(), about))).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await refusal(call(asUser(owner), { ...about, followerId: 'nonsense' }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'INVALID_FIELD',
      details: { violations: [{ field: 'follower_id' }] },
    });
  }
});
