import { newId } from '@plaza/core';
import { Visibility } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { asService, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { audit } from './audit.ts';
import { storyOf } from './story.ts';
import { refusal, verbs, type Verbs } from './verbs.ts';
import { people, startWorld, type World } from './world.ts';

let world: World;
let does: Verbs;
beforeAll(async () => {
  world = await startWorld();
  does = verbs(world.graph);
});
afterAll(() => world.close());

const two = () => people(2) as [string, string];

const consistent = (...everybody: readonly string[]) =>
  eventually(async () => expect(await audit(world.app.db, everybody)).toEqual([]));

const sight = async (viewerId: string, authorId: string) =>
  (await world.graph.checkVisibility(asService('feed'), { viewerId, authorIds: [authorId] })).authors[0]!;

test('a block cuts what ties the two, hides each from the other at once, and gives nothing back', async () => {
  const [a, b] = two();
  await does.follow(a, b);
  await does.follow(b, a);
  await does.mute(b, a);
  await does.block(a, b);
  for (const [viewer, author] of [
    [a, b],
    [b, a],
  ] as const)
    expect(await sight(viewer, author)).toMatchObject({ visibility: Visibility.HIDDEN, following: false });
  expect([await world.edge(a, b), await world.edge(b, a)].flat()).toEqual([false, false, false, false]);
  await does.block(a, b);
  await does.unblock(a, b);
  await does.unblock(a, b);
  expect([await world.edge(a, b), await world.edge(b, a)].flat()).toEqual([false, false, false, false]);
  expect(await sight(a, b)).toMatchObject({ visibility: Visibility.VISIBLE, following: false });
  // A mute is nobody else's business and stays.
  expect(await sight(b, a)).toMatchObject({ visibility: Visibility.MUTED });
  expect(await storyOf(world.app.db, a, b)).toEqual(['follow began', 'follow ended BLOCKED', 'block began', 'block ended']);
  expect(await storyOf(world.app.db, b, a)).toEqual(['follow began', 'mute began', 'follow ended BLOCKED']);
  await does.follow(a, b);
  await consistent(a, b);
});

test('a block ends requests in both directions', async () => {
  const [a, b] = two();
  for (const id of [a, b]) await world.stand(id, { isPrivate: true });
  await does.follow(a, b);
  await does.follow(b, a);
  await does.block(b, a);
  expect(await storyOf(world.app.db, a, b)).toEqual(['request began', 'request ended BLOCKED']);
  expect(await storyOf(world.app.db, b, a)).toEqual(['request began', 'request ended BLOCKED', 'block began']);
  expect(await refusal(does.follow(a, b))).toMatchObject({ reason: 'USER_NOT_FOUND' });
  expect(await refusal(does.follow(b, a))).toMatchObject({ reason: 'USER_BLOCKED' });
  await consistent(a, b);
});

test('two may block each other, and each ends only the own block', async () => {
  const [a, b] = two();
  await does.block(a, b);
  await does.block(b, a);
  await does.unblock(a, b);
  expect(await sight(a, b)).toMatchObject({ visibility: Visibility.HIDDEN });
  expect(await refusal(does.follow(a, b))).toMatchObject({ reason: 'USER_NOT_FOUND' });
  await does.unblock(b, a);
  await does.follow(a, b);
  await consistent(a, b);
});

test('the blocked may end what is theirs, and notices nothing', async () => {
  const [a, b] = two();
  await does.block(a, b);
  await does.unfollow(b, a);
  await does.remove(b, a);
  await does.reject(b, a);
  await does.unmute(b, a);
  await does.unblock(b, a);
  expect(await refusal(does.approve(b, a))).toMatchObject({ reason: 'FOLLOW_REQUEST_NOT_FOUND' });
  expect(await refusal(does.mute(b, a))).toMatchObject({ reason: 'USER_NOT_FOUND', details: { metadata: { user_id: a } } });
  expect(await storyOf(world.app.db, b, a)).toEqual([]);
});

test('oneself and nobody are refused by name', async () => {
  const [a, nobody] = two();
  world.strangers.add(nobody);
  expect(await refusal(does.block(a, a))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'SELF_BLOCK' });
  expect(await refusal(does.block(a, nobody))).toMatchObject({
    code: 'NOT_FOUND',
    reason: 'USER_NOT_FOUND',
    details: { metadata: { user_id: nobody }, domain: 'plaza.graph' },
  });
  expect(await refusal(does.block(a, 'nonsense'))).toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_FIELD',
    details: { violations: [{ field: 'blocked_id' }] },
  });
  await does.unblock(a, a);
  await does.unblock(a, nobody);
  const gone = newId();
  await does.block(a, gone);
  await world.stand(gone, { gone: true });
  world.strangers.add(gone);
  await does.unblock(a, gone);
  expect(await refusal(does.block(a, gone))).toMatchObject({ reason: 'USER_NOT_FOUND' });
});

test('a request id holds: late repetitions change nothing, also when they would be refused by now', async () => {
  const [a, b] = two();
  const [first, end] = [{ requestId: newId() }, { requestId: newId() }];
  await does.block(a, b, first);
  await does.unblock(a, b, end);
  world.strangers.add(b);
  expect(await does.block(a, b, first)).toEqual({});
  expect(await sight(a, b)).toMatchObject({ visibility: Visibility.VISIBLE });
  world.strangers.delete(b);
  await does.block(a, b);
  expect(await does.unblock(a, b, end)).toEqual({});
  expect(await sight(a, b)).toMatchObject({ visibility: Visibility.HIDDEN });
  expect(await refusal(does.block(a, newId(), first))).toMatchObject({ reason: 'REQUEST_ID_REUSED' });
  await consistent(a, b);
});

test('nobody blocks or unblocks in the name of another', async () => {
  const [a, b] = two();
  for (const call of [world.graph.block, world.graph.unblock]) {
    expect(await refusal(call(asUser(b), { userId: a, blockedId: b }))).toMatchObject({ reason: 'POLICY_DENIED' });
    expect(await refusal(call(testContext(), { userId: a, blockedId: b }))).toMatchObject({ code: 'UNAUTHENTICATED' });
  }
});
