import { newId } from '@plaza/core';
import { asAdmin, asUser, eventually } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { audit } from './audit.ts';
import { people, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test('many callers follow and unfollow one pair at a time: edges, counts and events agree', async () => {
  const [a, b] = people(2) as [string, string];
  await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      (i % 2 === 0 ? world.graph.follow : world.graph.unfollow)(asUser(a, 60_000), { followerId: a, followeeId: b }),
    ),
  );
  await eventually(async () => expect(await audit(world.app.db, [a, b])).toEqual([]), { timeoutMs: 40_000 });
});

test('one request sent by many at once is one follow', async () => {
  const [a, b] = people(2) as [string, string];
  const request = { followerId: a, followeeId: b, requestId: newId() };
  await Promise.all(Array.from({ length: 10 }, () => world.graph.follow(asUser(a, 60_000), request)));
  await eventually(async () => expect(await audit(world.app.db, [a, b])).toEqual([]));
});

test('a small crowd in which everybody follows, unfollows and is imported converges', async () => {
  const crowd = people(6);
  const pairs = crowd.flatMap((followerId) =>
    crowd.filter((id) => id !== followerId).map((followeeId) => ({ followerId, followeeId })),
  );
  const chosen = Array.from({ length: 60 }, () => pairs[Math.floor(Math.random() * pairs.length)]!);
  const messages = async function* () {
    for (const followerId of crowd) yield { followerId, followeeIds: crowd.filter((id) => id !== followerId).slice(0, 3) };
  };
  await Promise.all([
    world.graph.importFollows(asAdmin(60_000), messages()),
    ...chosen.map((edge, i) => (i % 3 === 0 ? world.graph.unfollow : world.graph.follow)(asAdmin(60_000), edge)),
  ]);
  await eventually(async () => expect(await audit(world.app.db, crowd)).toEqual([]), { timeoutMs: 40_000 });
});
