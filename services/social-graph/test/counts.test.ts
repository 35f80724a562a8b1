import { asUser, eventually } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { eachInFlight } from '../src/in-flight.ts';
import { recount, seedFollowers, seedFollowing } from './recount.ts';
import { people, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const FANS = 3_000;
/** Half of them follow, half unfollow: as many as the local engine takes within seconds. */
const CHANGES = 200;
const CALLERS = 16;

test('somebody famous gains and loses hundreds of followers at once: all are answered, and the count converges', async () => {
  const { db } = world.app;
  const [star, ...fans] = people(1 + FANS + CHANGES) as [string, ...string[]];
  const [leaving, staying, coming] = [
    fans.slice(0, CHANGES / 2),
    fans.slice(CHANGES / 2, FANS),
    fans.slice(FANS, FANS + CHANGES / 2),
  ];
  await seedFollowers(db, star, [...leaving, ...staying]);
  await seedFollowing(
    db,
    leaving.map((followerId) => ({ followerId, followeeIds: [star] })),
  );
  const changes = (async function* () {
    for (const [i, followerId] of coming.entries()) {
      yield { call: world.graph.follow, followerId };
      yield { call: world.graph.unfollow, followerId: leaving[i]! };
    }
  })();
  await eachInFlight(changes, CALLERS, async ({ call, followerId }) => {
    await call(asUser(followerId, 60_000), { followerId, followeeId: star });
  });
  await eventually(async () => expect(await recount(db, [star])).toEqual([]), { timeoutMs: 30_000, everyMs: 250 });
  expect(await recount(db, [...leaving, ...coming])).toEqual([]);
  const { counts } = await world.graph.batchGetCounts(asUser(star), { userIds: [star] });
  expect(counts[0]).toMatchObject({ followers: BigInt(FANS) });
}, 120_000);
