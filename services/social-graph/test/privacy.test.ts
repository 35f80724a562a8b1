import { userDeleted, userRestored, userUpdated } from '@plaza/events';
import { FollowState } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { asAdmin, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { graph, keys } from '../src/store/table.ts';
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

/** The event by which the user service tells of a profile. */
const tell = (userId: string, version: number, isPrivate: boolean) =>
  world.userEvents.publish(
    userUpdated,
    { userId, isPrivate, mask: ['is_private'], username: '', updateTime: new Date() },
    version,
  );

const patiently = { timeoutMs: 20_000 };
const following = (a: string, b: string) =>
  eventually(async () => expect(await world.edge(a, b)).toEqual([true, true]), patiently);
const consistent = (...everybody: readonly string[]) =>
  eventually(async () => expect(await audit(world.app.db, everybody)).toEqual([]), patiently);

test('whoever goes public lets in all who asked, but for those who follow too many', { timeout: 60_000 }, async () => {
  // More than one batch.
  const [owner, busy, ...others] = people(16) as [string, string, ...string[]];
  await world.stand(owner, { isPrivate: true });
  for (const id of [busy, ...others]) await does.follow(id, owner);
  for (const followee of others.slice(0, 2)) await does.follow(busy, followee);
  await tell(owner, await world.stand(owner, { isPrivate: false }), false);
  for (const id of others) await following(id, owner);
  await eventually(async () => expect((await storyOf(world.app.db, busy, owner)).slice(1)).toEqual(['request ended REJECTED']));
  expect(await storyOf(world.app.db, others[0]!, owner)).toEqual(['request began', 'request ended APPROVED', 'follow began']);
  await consistent(owner, busy, ...others);
});

test('an event alone makes private and public, in whatever order events come', async () => {
  const [owner, a, b, c] = people(4) as [string, string, string, string];
  await tell(owner, 2, true);
  await eventually(async () => {
    await does.unfollow(a, owner);
    expect(await does.follow(a, owner)).toEqual({ state: FollowState.REQUESTED });
  }, patiently);
  // Public at 3, private again at 4: whenever it is heard that it was public at 3, who asked goes on waiting.
  await tell(owner, 4, true);
  await eventually(async () => expect(await standingOf(owner)).toMatchObject({ version: 4, isPrivate: true }), patiently);
  const opened = await tell(owner, 3, false);
  await world.userEvents.replay(opened);
  expect(await does.follow(b, owner)).toEqual({ state: FollowState.REQUESTED });
  await tell(owner, 1, false);
  await tell(c, 2, true);
  await eventually(async () => {
    await does.unfollow(a, c);
    expect(await does.follow(a, c)).toEqual({ state: FollowState.REQUESTED });
  }, patiently);
  for (const id of [a, b]) expect(await world.edge(id, owner)).toEqual([false, false]);
  await tell(owner, 5, false);
  for (const id of [a, b]) await following(id, owner);
  await consistent(owner, a, b, c);
});

test('a request that was written while the account went public is let in', async () => {
  const [owner, a] = people(2) as [string, string];
  const version = await world.stand(owner, { isPrivate: true });
  await does.follow(a, owner);
  // No event tells of the change: only the request itself, told again, can bring it about.
  const begin = new Date(Date.now() - 60_000);
  expect(await world.stand(owner, { isPrivate: false })).toBe(version + 1);
  await eventually(async () => {
    await world.events.replayEvents(asAdmin(), { fromTime: begin });
    expect(await world.edge(a, owner)).toEqual([true, true]);
  }, patiently);
  await consistent(owner, a);
});

test('a removed follower does not come back with those who are let in', async () => {
  const [owner, a] = people(2) as [string, string];
  await world.stand(owner, { isPrivate: true });
  await does.follow(a, owner);
  const version = await world.stand(owner, { isPrivate: false });
  // Whoever asked follows from now on, as everybody sees it, and so can be removed.
  await does.remove(owner, a);
  await tell(owner, version, false);
  await tell(a, 1, false);
  // Their request may have been granted before that: it is told again with each event that is late.
  expect((await storyOf(world.app.db, a, owner)).at(-1)).toMatch(/^(request ended REJECTED|follow ended REMOVED)$/);
  expect(await does.follow(a, owner)).toEqual({ state: FollowState.ACTIVE });
  await consistent(owner, a);
});

test('an event alone tells who is gone, and who is back as they were', async () => {
  const [owner, a] = people(2) as [string, string];
  await world.userEvents.publish(userDeleted, { userId: owner, isPrivate: true, deleteTime: new Date() }, 3);
  await eventually(async () => {
    await does.unfollow(a, owner);
    expect(await refusal(does.follow(a, owner))).toMatchObject({ reason: 'USER_NOT_FOUND' });
  });
  await world.userEvents.publish(userRestored, { userId: owner, isPrivate: true, restoreTime: new Date() }, 4);
  await eventually(async () => expect(await does.follow(a, owner)).toEqual({ state: FollowState.REQUESTED }));
  await tell(owner, 2, false);
  await tell(owner, 5, false);
  await following(a, owner);
  await consistent(owner, a);
});

const standingOf = (userId: string) => world.app.db.get(testContext(), graph, keys.standing(userId));
