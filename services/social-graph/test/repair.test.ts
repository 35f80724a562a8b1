import { update } from '@plaza/dynamo';
import { asAdmin, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { graph as graphTable, keys } from '../src/store/table.ts';
import { recount } from './recount.ts';
import { people, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const follow = (followerId: string, followeeId: string) =>
  world.graph.follow(asUser(followerId, 30_000), { followerId, followeeId });

/** Everybody of the crowd follows the first, who follows the second. */
const crowd = async (size: number) => {
  const [a, b, ...others] = people(size) as [string, string, ...string[]];
  await Promise.all([follow(a, b), ...[b, ...others].map((id) => follow(id, a))]);
  await eventually(async () => expect(await recount(world.app.db, [a, b, ...others])).toEqual([]));
  return [a, b, ...others] as const;
};

const repair = async (...userIds: string[]) => (await world.graph.repairCounts(asAdmin(60_000), { userIds })).repairs;

const spoil = (userId: string, { followers, following }: { followers: number; following: number }) =>
  world.app.db.transact(testContext(), [
    update(graphTable, keys.followersCount(userId), { set: { count: followers } }),
    update(graphTable, keys.ties(userId), { set: { following } }),
  ]);

test('spoilt counts are counted anew, and what is right is left as it is', async () => {
  const [a, b] = await crowd(5);
  await spoil(a, { followers: 1_000, following: 77 });
  const wrong = { userId: a, followers: 1_000n, following: 77n };
  const right = { userId: a, followers: 4n, following: 1n };
  const other = { userId: b, followers: 1n, following: 1n };
  expect(await repair(a, b, a)).toEqual([
    { userId: a, before: wrong, after: right, moving: false },
    { userId: b, before: other, after: other, moving: false },
    { userId: a, before: wrong, after: right, moving: false },
  ]);
  expect(await recount(world.app.db, [a, b])).toEqual([]);
  const [nobody] = people(1) as [string];
  const none = { userId: nobody, followers: 0n, following: 0n };
  expect(await repair(nobody)).toEqual([{ userId: nobody, before: none, after: none, moving: false }]);
  // What is counted after a repair is counted on top of it.
  const [late] = people(1) as [string];
  await follow(late, a);
  await eventually(async () => expect(await recount(world.app.db, [a, late])).toEqual([]));
});

test('a count that never was is found', async () => {
  const [a] = await crowd(4);
  await world.app.db.batchWrite(testContext(), graphTable, { remove: [keys.followersCount(a)] });
  expect(await repair(a)).toMatchObject([{ before: { followers: 0n }, after: { followers: 3n }, moving: false }]);
});
