import process from 'node:process';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { transition, type Buy } from './simulation-acts.ts';
import { settles, type Plan } from './simulation-play.ts';
import { CUP, delay, disturbance, NO_TROUBLE, TEA, trouble } from './simulation-world.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 750);

const purchase = (buyer: 0 | 1, lines: Buy['lines']): Buy => ({ kind: 'buy', delay: 0, buyer, lines, again: false, cancel: 0 });
const tea = { productId: TEA, quantity: 1n };
/** They go well; who pays the sellers, and when, is open. */
const BUYING = [purchase(0, [tea, { productId: CUP, quantity: 2n }]), purchase(1, [tea])];

/** Long enough to do something. */
const life = fc.oneof(fc.constant(Infinity), fc.integer({ min: 10, max: 200 }));

/** What may become of orders that are paid for. Not fewer acts and faults than many: with few, nothing meets. */
const plans: fc.Arbitrary<Plan> = fc
  .record({
    scheduler: fc.scheduler(),
    trouble,
    after: fc.array(fc.oneof({ weight: 4, arbitrary: transition }, disturbance), { minLength: 2, maxLength: 7, size: 'max' }),
    lives: fc.tuple(life, life),
  })
  .map(({ scheduler, trouble: second, after, lives }) => ({
    scheduler,
    troubles: [NO_TROUBLE, second],
    buying: BUYING,
    after,
    lives: [Infinity, Infinity, ...lives],
  }));

/** A refund that comes late, to a seller who was short of money meanwhile: rare among all plans. */
const lateRefunds: fc.Arbitrary<Plan> = fc
  .record({ scheduler: fc.scheduler(), healthyCalls: fc.nat({ max: 3 }), spendAt: delay, earnAt: delay })
  .map(({ scheduler, healthyCalls, spendAt, earnAt }) => ({
    scheduler,
    troubles: [NO_TROUBLE, { ...NO_TROUBLE, wireFaults: [...Array.from({ length: healthyCalls }, () => undefined), 'late'] }],
    buying: [purchase(0, [tea])],
    after: [
      { kind: 'disturb', delay: spendAt, by: 'spend' },
      { kind: 'refund', delay: 0, buyer: 0, who: 'admin', lines: [], again: true },
      { kind: 'disturb', delay: earnAt, by: 'earn' },
    ],
    lives: [Infinity, Infinity, Infinity, Infinity],
  }));

test(
  'whoever ships, delivers and refunds, and whatever fails: the history is legal and the money is where it says',
  { timeout: 600_000 },
  async () => {
    expect.hasAssertions();
    await fc.assert(settles(plans), { numRuns: RUNS });
    await fc.assert(settles(lateRefunds), { numRuns: RUNS / 5 });
  },
);

test('a wallet that forgets what it refused would be caught', { timeout: 600_000 }, async () => {
  expect((await fc.check(settles(lateRefunds, { noVerdicts: true }), { numRuns: 5000, endOnFailure: true })).failed).toBe(true);
});
