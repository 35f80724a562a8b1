import process from 'node:process';

import { newId } from '@plaza/core';
import type { Fault } from '@plaza/dynamo';
import { FeedState } from '@plaza/proto/plaza/feed/v1/feed_service';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';

import type { Chance } from './chance.ts';
import { createFeedModel } from './feed-model.ts';
import { noRedis } from './in-memory.ts';
import { simulate } from './simulated.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 300);
const PEOPLE = [newId(), newId(), newId()];
const CALLERS = 3;

afterAll(() => noRedis.close());

const steps = (person: fc.Arbitrary<string>, weights: { posts: number; edges: number; edits: number }, newest = 5) =>
  fc.oneof(
    {
      weight: weights.posts,
      arbitrary: fc.record({
        kind: fc.constant('post' as const),
        who: person,
        visibility: fc.constantFrom(1 as const, 2 as const, 3 as const),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), which: fc.nat(newest) }) },
    {
      weight: weights.edits,
      arbitrary: fc.record({
        kind: fc.constant('edit' as const),
        which: fc.nat(newest),
        visibility: fc.constantFrom(1 as const, 3 as const),
      }),
    },
    {
      weight: weights.edges,
      arbitrary: fc.record({ kind: fc.constantFrom('follow' as const, 'unfollow' as const), who: person, whom: person }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('read' as const), who: person }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('wipe' as const, 'sleep' as const, 'forget' as const) }) },
  );
/** Everybody with everybody; and two who cannot decide, which is where sweep and backfill meet, or fan-out and taking out. */
const everybody = steps(fc.constantFrom(...PEOPLE), { posts: 4, edges: 7, edits: 3 });
const undecided = steps(fc.constantFrom(...PEOPLE.slice(0, 2)), { posts: 3, edges: 12, edits: 0 });
const shy = steps(fc.constantFrom(...PEOPLE.slice(0, 2)), { posts: 0, edges: 1, edits: 20 }, 1);
const fault = fc.option(
  fc.constantFrom<Fault | 'death'>('conflict', 'throttle', 'partial', 'lost-reply', 'unreachable', 'death'),
  {
    nil: undefined,
    freq: 3,
  },
);

test.each([
  ['three people', everybody],
  ['two who follow and unfollow', undecided],
  ['two who show and hide', shy],
] as const)(
  '%s: whatever races, repeats, dies or is lost: no read shows what was hidden before it, and in the end every feed is its model',
  { timeout: 600_000 },
  async (_who, step) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ step, caller: fc.nat(CALLERS - 1) }), { minLength: 1, maxLength: 14 }),
        fc.array(fault, { maxLength: 60 }),
        fc.array(fc.boolean(), { maxLength: 30 }),
        fc.array(fc.constantFrom(0, 0, 3, 12), { maxLength: 30 }),
        fc.scheduler(),
        async (calls, faults, doubles, lags, scheduler) => {
          const chance: Chance = {
            turn: (label) => scheduler.schedule(Promise.resolve(), label).then(() => undefined),
            fault: () => faults.shift(),
            twice: () => doubles.shift() ?? false,
            lag: () => lags.shift() ?? 0,
          };
          const plaza = simulate(chance);
          const { play, read, leaks, outcomes, wanted } = createFeedModel(plaza, PEOPLE);
          // Two of them know each other already, so that there is something to take away.
          for (const [who, whom] of [PEOPLE.slice(0, 2), PEOPLE.slice(0, 2).reverse()] as [string, string][]) {
            await play({ kind: 'post', who, visibility: 1 });
            await play({ kind: 'follow', who, whom });
          }
          for (const viewer of PEOPLE) await read(viewer);
          await plaza.settle();
          plaza.begin();
          const queues = Array.from({ length: CALLERS }, async (_, caller) => {
            for (const call of calls.filter((one) => one.caller === caller)) await play(call.step);
          });
          await scheduler.waitFor(Promise.all(queues));
          // Whatever the scheduler still holds belongs to messages.
          await scheduler.waitIdle();
          await plaza.settle();
          expect(leaks).toEqual([]);
          expect(['DONE', 'POST_NOT_FOUND']).toEqual(expect.arrayContaining([...outcomes]));
          const feedOf = await wanted();
          for (const viewer of PEOPLE) expect((await read(viewer)).ids).toEqual(feedOf(viewer));
          // A feed that this woke is read from its rows the second time.
          await plaza.settle();
          for (const viewer of PEOPLE) expect(await read(viewer)).toEqual({ ids: feedOf(viewer), state: FeedState.READY });
        },
      ),
      { numRuns: RUNS },
    );
  },
);
