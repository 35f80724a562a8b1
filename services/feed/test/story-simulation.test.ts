import process from 'node:process';

import { newId } from '@plaza/core';
import type { Fault } from '@plaza/dynamo';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';

import type { Chance } from './chance.ts';
import { noRedis } from './in-memory.ts';
import { simulate } from './simulated.ts';
import { createStoryModel, type StoryStep } from './story-model.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 100);
const PEOPLE = [newId(), newId(), newId()];
const POSTS = 2;
const CALLERS = 3;

afterAll(() => noRedis.close());

const who = fc.constantFrom(...PEOPLE);
const which = fc.nat(POSTS - 1);
const one = <const K extends StoryStep['kind']>(...kinds: K[]) => fc.constantFrom(...kinds);
const edges = fc.record({ kind: one('follow', 'unfollow'), who, whom: who });
const rest = [
  { weight: 3, arbitrary: fc.record({ kind: one('read'), who }) },
  { weight: 2, arbitrary: fc.record({ kind: one('wipe', 'sleep', 'forget') }) },
];
const passingOn = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: one('repost', 'undo'), who, which }) },
  { weight: 4, arbitrary: edges },
  {
    weight: 2,
    arbitrary: fc.record({ kind: one('edit'), which, visibility: fc.constantFrom(1 as const, 2 as const, 3 as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: one('delete'), which }) },
  ...rest,
);
const shopping = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: one('share'), who }) },
  { weight: 3, arbitrary: fc.record({ kind: one('unshare', 'refund'), which: fc.constantFrom(-1, -2) }) },
  { weight: 5, arbitrary: fc.record({ kind: one('save', 'unsave'), who }) },
  { weight: 4, arbitrary: fc.record({ kind: one('price', 'sold-out', 'restocked') }) },
  { weight: 3, arbitrary: edges },
  ...rest,
);
/** Where what a save brings meets what its end takes. */
const undecided = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: one('save', 'unsave'), who: fc.constant(PEOPLE[1]!) }) },
  { weight: 2, arbitrary: fc.record({ kind: one('price', 'sold-out', 'restocked') }) },
  { weight: 1, arbitrary: fc.record({ kind: one('wipe') }) },
);
const fault = fc.option(
  fc.constantFrom<Fault | 'death'>('conflict', 'throttle', 'partial', 'lost-reply', 'unreachable', 'death'),
  {
    nil: undefined,
    freq: 3,
  },
);

test.each([
  ['three who pass on', passingOn],
  ['three who shop', shopping],
  ['one who keeps and drops', undecided],
] as const)(
  '%s: whatever races, repeats, dies or is lost: no read shows what was taken back before it, and in the end every feed is its model',
  { timeout: 600_000 },
  async (_what, step) => {
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
          const model = createStoryModel(plaza, PEOPLE);
          const stranger = newId();
          for (const author of [stranger, PEOPLE[2]!]) await model.publish(author);
          await model.play({ kind: 'follow', who: PEOPLE[1]!, whom: PEOPLE[0]! });
          await model.play({ kind: 'save', who: PEOPLE[1]! });
          await model.play({ kind: 'price' });
          for (const viewer of PEOPLE) await model.read(viewer);
          await plaza.settle();
          plaza.begin();
          const queues = Array.from({ length: CALLERS }, async (_, caller) => {
            for (const call of calls.filter((each) => each.caller === caller)) await model.play(call.step);
          });
          await scheduler.waitFor(Promise.all(queues));
          // Whatever the scheduler still holds belongs to messages.
          await scheduler.waitIdle();
          await plaza.settle();
          for (const turn of ['woken', 'from rows'])
            for (const viewer of PEOPLE) {
              expect({ turn, feed: await model.read(viewer) }).toEqual({ turn, feed: await model.wanted(viewer) });
              await plaza.settle();
            }
          expect(model.leaks).toEqual([]);
        },
      ),
      { numRuns: RUNS },
    );
  },
);
