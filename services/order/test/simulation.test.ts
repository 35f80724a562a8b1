import process from 'node:process';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { buy } from './simulation-acts.ts';
import { settles, type Plan } from './simulation-play.ts';
import { disturbance, life, NO_TROUBLE, trouble } from './simulation-world.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 750);

const plans: fc.Arbitrary<Plan> = fc
  .record({
    scheduler: fc.scheduler(),
    trouble,
    buying: fc.array(fc.oneof({ weight: 3, arbitrary: buy }, disturbance), { minLength: 1, maxLength: 5 }),
    lives: fc.tuple(life, life),
  })
  .map(({ scheduler, trouble: first, buying, lives }) => ({
    scheduler,
    troubles: [first, NO_TROUBLE],
    buying,
    after: [],
    lives: [...lives, Infinity, Infinity],
  }));

test('every schedule of faults, crashes and races settles every order as its ledger says', { timeout: 600_000 }, async () => {
  expect.hasAssertions();
  await fc.assert(settles(plans), { numRuns: RUNS });
});

test('a peer that forgets tombstones would be caught', { timeout: 600_000 }, async () => {
  expect((await fc.check(settles(plans, { noTombstones: true }), { numRuns: 5000, endOnFailure: true })).failed).toBe(true);
});
