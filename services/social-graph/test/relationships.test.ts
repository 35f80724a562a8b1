import { MuteScope } from '@plaza/proto/plaza/graph/v1/events';
import { FollowState } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { asUser } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { refusal, verbs, type Verbs } from './verbs.ts';
import { people, startWorld, type World } from './world.ts';

let world: World;
let by: Verbs;
beforeAll(async () => {
  world = await startWorld();
  by = verbs(world.graph);
});
afterAll(() => world?.close());

const between = async (viewerId: string, userIds: string[]) =>
  (await world.graph.batchGetRelationships(asUser(viewerId), { viewerId, userIds })).relationships;
const stranger = (userId: string) => ({
  userId,
  following: FollowState.UNSPECIFIED,
  followedBy: false,
  requestedBy: false,
  blocking: false,
  muting: MuteScope.UNSPECIFIED,
});
const crowd = people as (n: number) => [string, string, string, string, ...string[]];

test('tells of follows and requests in both directions, of mutes and blocks, in the order asked for, doubles too', async () => {
  const [me, friend, shy, fan, foe, noise] = crowd(6) as [string, string, string, string, string, string];
  await world.stand(shy, { isPrivate: true });
  await by.follow(me, friend);
  await by.follow(friend, me);
  await by.follow(me, shy);
  await world.stand(me, { isPrivate: true });
  await by.follow(fan, me);
  await by.block(me, foe);
  await by.mute(me, friend);
  await by.mute(me, noise, { scope: MuteScope.REPOSTS });
  expect(await between(me, [friend, shy, fan, foe, noise, me, friend])).toEqual([
    { ...stranger(friend), following: FollowState.ACTIVE, followedBy: true, muting: MuteScope.ALL },
    { ...stranger(shy), following: FollowState.REQUESTED },
    { ...stranger(fan), requestedBy: true },
    { ...stranger(foe), blocking: true },
    { ...stranger(noise), muting: MuteScope.REPOSTS },
    stranger(me),
    { ...stranger(friend), following: FollowState.ACTIVE, followedBy: true, muting: MuteScope.ALL },
  ]);
});

test('who blocks the viewer, and who is gone, looks like somebody whom nobody ever knew', async () => {
  const [me, blocker, leaver, both] = crowd(4);
  for (const other of [blocker, leaver]) {
    await by.follow(me, other);
    await by.follow(other, me);
    await by.mute(me, other);
  }
  await by.block(blocker, me);
  await world.stand(leaver, { gone: true });
  await by.block(both, me);
  await by.block(me, both);
  expect(await between(me, [blocker, leaver, both])).toEqual([
    stranger(blocker),
    stranger(leaver),
    { ...stranger(both), blocking: true },
  ]);
  await world.stand(leaver, {});
  expect(await between(me, [leaver])).toEqual([
    { ...stranger(leaver), following: FollowState.ACTIVE, followedBy: true, muting: MuteScope.ALL },
  ]);
});

test('200 at once and no more, and only one’s own', async () => {
  const [me, ...others] = crowd(201);
  await by.follow(others[199]!, me);
  const all = await between(me, others);
  expect(all.map(({ followedBy }) => followedBy)).toEqual(others.map((_, i) => i === 199));
  expect(await refusal(between(me, crowd(201)))).toMatchObject({ code: 'INVALID_ARGUMENT' });
  expect(
    await refusal(world.graph.batchGetRelationships(asUser(others[0]!), { viewerId: me, userIds: [others[1]!] })),
  ).toMatchObject({ code: 'PERMISSION_DENIED' });
});
