import { newId } from '@plaza/core';
import { MuteScope } from '@plaza/proto/plaza/graph/v1/events';
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

const sight = async (viewerId: string, authorId: string) =>
  (await world.graph.checkVisibility(asService('feed'), { viewerId, authorIds: [authorId] })).authors[0]!;

test('a mute hides what comes unasked, all or what is reposted, and ties nothing', async () => {
  const [a, b] = two();
  await does.follow(a, b);
  await does.mute(a, b);
  const muted = { visibility: Visibility.MUTED, following: true, repostsMuted: true };
  expect(await sight(a, b)).toMatchObject(muted);
  expect(await sight(b, a)).toMatchObject({ visibility: Visibility.VISIBLE, repostsMuted: false });
  await does.mute(a, b);
  await does.mute(a, b, { scope: MuteScope.REPOSTS });
  expect(await sight(a, b)).toMatchObject({ visibility: Visibility.VISIBLE, following: true, repostsMuted: true });
  await does.mute(a, b);
  expect(await sight(a, b)).toMatchObject(muted);
  await does.unmute(a, b);
  await does.unmute(a, b);
  expect(await sight(a, b)).toMatchObject({ visibility: Visibility.VISIBLE, following: true, repostsMuted: false });
  const story = ['follow began', 'mute began', 'mute began', 'mute began', 'mute ended'];
  expect(await storyOf(world.app.db, a, b)).toEqual(story);
  expect(await storyOf(world.app.db, b, a)).toEqual([]);
  await eventually(async () => expect(await audit(world.app.db, [a, b])).toEqual([]));
});

test('oneself, nobody and no scope are refused by name', async () => {
  const [a, nobody] = two();
  world.strangers.add(nobody);
  expect(await refusal(does.mute(a, a))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'SELF_MUTE' });
  expect(await refusal(does.mute(a, nobody))).toMatchObject({
    code: 'NOT_FOUND',
    reason: 'USER_NOT_FOUND',
    details: { metadata: { user_id: nobody } },
  });
  for (const scope of [MuteScope.UNSPECIFIED, 7 as MuteScope])
    expect(await refusal(does.mute(a, newId(), { scope }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'INVALID_FIELD',
      details: { violations: [{ field: 'scope' }] },
    });
  await does.unmute(a, a);
  await does.unmute(a, nobody);
});

test('a request id holds, with its scope', async () => {
  const [a, b] = two();
  const [first, end] = [{ requestId: newId() }, { requestId: newId() }];
  await does.mute(a, b, first);
  await does.unmute(a, b, end);
  await does.mute(a, b, first);
  expect(await sight(a, b)).toMatchObject({ visibility: Visibility.VISIBLE });
  expect(await refusal(does.mute(a, b, { ...first, scope: MuteScope.REPOSTS }))).toMatchObject({ reason: 'REQUEST_ID_REUSED' });
  await does.mute(a, b);
  await does.unmute(a, b, end);
  expect(await sight(a, b)).toMatchObject({ visibility: Visibility.MUTED });
});

test('nobody mutes or unmutes in the name of another', async () => {
  const [a, b] = two();
  const about = { userId: a, mutedId: b, scope: MuteScope.ALL };
  for (const call of [world.graph.mute, world.graph.unmute]) {
    expect(await refusal(call(asUser(b), about))).toMatchObject({ reason: 'POLICY_DENIED' });
    expect(await refusal(call(testContext(), about))).toMatchObject({ code: 'UNAUTHENTICATED' });
  }
});
