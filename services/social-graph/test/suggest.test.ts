import { asUser } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { keys } from '../src/store/table.ts';
import { seedFollowing, seedStanding, seedTies } from './recount.ts';
import { people, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

type Names<N extends number, T extends string[] = []> = T['length'] extends N ? T : Names<N, [...T, string]>;
const some = <N extends number>(n: N) => people(n) as Names<N>;

const follows = (...all: readonly (readonly [string, readonly string[]])[]) =>
  seedFollowing(
    world.app.db,
    all.map(([followerId, followeeIds]) => ({ followerId, followeeIds })),
  );

const suggested = async (userId: string, pageSize = 50) =>
  (await world.graph.suggestFollows(asUser(userId, 30_000), { userId, pageSize })).suggestions;

test('friends of friends are suggested, those of many first, with who follows them', async () => {
  const [me, f, g, h, many, few] = some(6);
  await follows([me, [f, g, h]], [f, [many, me]], [g, [many, few]], [h, [many, g]]);
  expect(await suggested(me)).toEqual([
    { userId: many, followedBy: expect.arrayContaining([f, g, h]), followedByCount: 3 },
    { userId: few, followedBy: [g], followedByCount: 1 },
  ]);
  expect(await suggested(me, 1)).toHaveLength(1);
  const [nobody] = some(1);
  expect(await suggested(nobody)).toEqual([]);
});

test('who may not be suggested, or named, is left out at once, also of what is remembered', async () => {
  const [me, f, g] = some(3);
  const [blocked, blocking, muted, shy, gone, asked, followed, stays] = some(8);
  const all = [blocked, blocking, muted, shy, gone, asked, followed, stays];
  await follows([me, [f, g]], [f, all], [g, [stays]]);
  expect((await suggested(me)).map(({ userId }) => userId).toSorted()).toEqual(all.toSorted());
  const { db } = world.app;
  await seedStanding(db, shy, { isPrivate: true });
  for (const id of [gone, g]) await seedStanding(db, id, { gone: true });
  await seedTies(
    db,
    me,
    keys.blocking(me, blocked),
    keys.blockedBy(me, blocking),
    { ...keys.muting(me, muted), scope: 'ALL' },
    keys.requested(me, asked),
    keys.following(me, followed),
  );
  expect(await suggested(me)).toEqual([{ userId: stays, followedBy: [f], followedByCount: 1 }]);
});

test('nobody asks for the suggestions of another', async () => {
  const [me, other] = some(2);
  await expect(world.graph.suggestFollows(asUser(other), { userId: me })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
});
