import process from 'node:process';

import { isAppError, newId } from '@plaza/core';
import { asUser, eventually, testContext } from '@plaza/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { graph as graphTable, keys } from '../src/store/table.ts';
import { audit } from './audit.ts';
import { verbs, type Verbs } from './verbs.ts';
import { people, startWorld, type World } from './world.ts';

let world: World;
let does: Verbs;
beforeAll(async () => {
  world = await startWorld();
  does = verbs(world.graph, 60_000);
});
afterAll(() => world.close());

const LONG = { timeoutMs: 40_000 };

test('many callers follow and unfollow one pair at a time: ties, counts and events agree', async () => {
  const [a, b] = people(2) as [string, string];
  await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? does.follow : does.unfollow)(a, b)));
  await eventually(async () => expect(await audit(world.app.db, [a, b])).toEqual([]), LONG);
});

test('one request sent by many at once is one follow', async () => {
  const [a, b] = people(2) as [string, string];
  const request = { followerId: a, followeeId: b, requestId: newId() };
  await Promise.all(Array.from({ length: 10 }, () => world.graph.follow(asUser(a, 60_000), request)));
  await eventually(async () => expect(await audit(world.app.db, [a, b])).toEqual([]), LONG);
});

test('whoever is first, no follow stands beside a block', async () => {
  const pairs = Array.from({ length: 12 }, () => people(2) as [string, string]);
  const starts = pairs.map(([a, b]) => [() => does.block(b, a), () => answered(does.follow(a, b))] as const);
  await Promise.all(starts.flatMap((race, i) => (i % 2 === 0 ? race : race.toReversed()).map((start) => start())));
  const blocks = await world.app.db.batchGet(
    testContext(),
    graphTable,
    pairs.map(([a, b]) => keys.blocking(b, a)),
  );
  expect(blocks.map((row) => row !== undefined)).toEqual(pairs.map(() => true));
  for (const [a, b] of pairs) expect(await world.edge(a, b)).toEqual([false, false]);
  await eventually(async () => expect(await audit(world.app.db, pairs.flat())).toEqual([]), LONG);
});

test('many block one and are blocked, all at once', async () => {
  const [troll, ...others] = people(13) as [string, ...string[]];
  await Promise.all(others.map((id, i) => (i % 4 === 0 ? does.block(troll, id) : does.block(id, troll))));
  await eventually(async () => expect(await audit(world.app.db, [troll, ...others])).toEqual([]), LONG);
});

test('a small crowd in which everybody does everything to everybody converges', async () => {
  const crowd = people(5);
  for (const owner of crowd.slice(3)) await world.stand(owner, { isPrivate: true });
  const pairs = crowd.flatMap((a) => crowd.filter((b) => b !== a).map((b) => [a, b] as const));
  const { follow, unfollow, remove, approve, reject, block, unblock, mute, unmute } = does;
  const deeds = [follow, follow, follow, unfollow, remove, approve, approve, reject, block, unblock, unblock, mute, unmute];
  const seed = Number(process.env['RACES_SEED'] ?? Date.now() % 2 ** 31);
  const plan = fc.sample(fc.tuple(fc.constantFrom(...deeds), fc.constantFrom(...pairs)), { numRuns: 80, seed });
  const answers = await Promise.all(plan.map(([deed, pair]) => answered(deed(...pair))));
  expect(answers.filter((answer) => answer === 'done').length, `RACES_SEED=${seed}`).toBeGreaterThan(20);
  await eventually(async () => expect(await audit(world.app.db, crowd), `RACES_SEED=${seed}`).toEqual([]), LONG);
});

/** A refusal that tells how two people stand is an answer too; nothing else may go wrong. */
const answered = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return 'done';
  } catch (error) {
    if (!isAppError(error) || !['NOT_FOUND', 'FAILED_PRECONDITION'].includes(error.code)) throw error;
    return error.reason;
  }
};
