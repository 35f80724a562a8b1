import process from 'node:process';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { buy, createActs, transition, type Answer } from './simulation-acts.ts';
import { auditOrders, type Story } from './simulation-audit.ts';
import { createSimulatedWorld, delay, disturbance, life, TEA, trouble, type Flaws, type Mortal } from './simulation-world.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 1500);

const schedule = fc.record({
  ...trouble,
  buying: fc.array(fc.oneof({ weight: 3, arbitrary: buy }, disturbance), { minLength: 1, maxLength: 5 }),
  /** Processes of their own, so that orders that outlived their buyers' are sent and refunded too. */
  after: fc.array(fc.oneof({ weight: 4, arbitrary: transition }, disturbance), { maxLength: 8 }),
  lives: fc.tuple(life, life, life, life),
});
type Schedule = typeof schedule extends fc.Arbitrary<infer T> ? T : never;
type Act = Schedule['buying'][number] | Schedule['after'][number];

/** A refund that comes late, to a seller who was short of money meanwhile: rare among all schedules. */
const lateRefunds: fc.Arbitrary<Schedule> = fc
  .record({ scheduler: fc.scheduler(), healthyCalls: fc.integer({ min: 4, max: 7 }), spendAt: delay, earnAt: delay })
  .map(({ scheduler, healthyCalls, spendAt, earnAt }) => ({
    scheduler,
    storeFaults: [],
    wireFaults: [...Array.from({ length: healthyCalls }, () => undefined), 'late'],
    buying: [{ kind: 'buy', delay: 0, buyer: 0, lines: [{ productId: TEA, quantity: 1n }], again: false, cancel: 0 }],
    after: [
      { kind: 'disturb', delay: spendAt, by: 'spend' },
      { kind: 'refund', delay: 0, buyer: 0, who: 'admin', lines: [], again: true },
      { kind: 'disturb', delay: earnAt, by: 'earn' },
    ],
    lives: [Infinity, Infinity, Infinity, Infinity],
  }));

const settles = (schedules: fc.Arbitrary<Schedule>, flaws: Flaws = {}) =>
  fc.asyncProperty(schedules, async (plan) => check(await play(plan, flaws)));

test('every schedule of faults, crashes and races settles every order as its ledger says', { timeout: 600_000 }, async () => {
  expect.hasAssertions();
  await fc.assert(settles(schedule), { numRuns: RUNS });
  await fc.assert(settles(lateRefunds), { numRuns: RUNS / 5 });
});

test.each<readonly [flaws: Flaws, schedules: fc.Arbitrary<Schedule>]>([
  [{ noTombstones: true }, schedule],
  [{ noVerdicts: true }, lateRefunds],
])('a peer that forgets would be caught: %o', { timeout: 600_000 }, async (flaws, schedules) => {
  expect((await fc.check(settles(schedules, flaws), { numRuns: 5000, endOnFailure: true })).failed).toBe(true);
});

interface Played {
  readonly found: Map<string, Story>;
  readonly answers: readonly Answer[];
}

const play = async (plan: Schedule, flaws: Flaws): Promise<Played> => {
  const world = createSimulatedWorld(plan, flaws);
  const { scheduler } = world;
  const answers: Answer[] = [];
  const acts = createActs(world, answers);
  const act = async (step: Act, n: number, processes: readonly [Mortal, Mortal]): Promise<void> => {
    await world.turns(step.delay);
    const [one, other] = n % 2 === 0 ? processes : ([processes[1], processes[0]] as const);
    if (step.kind === 'disturb') await world.disturb(step.by, one);
    else if (step.kind === 'buy') await acts.buy(step, one, other);
    else await acts.transit(step, one, other);
  };
  const [a, b, c, d] = plan.lives;
  for (const [steps, lives] of [
    [plan.buying, [a, b]],
    [plan.after, [c, d]],
  ] as const) {
    const processes = [world.start(lives[0]), world.start(lives[1])] as const;
    await scheduler.waitFor(Promise.all(steps.map((step, n) => act(step, n, processes))));
  }
  await world.settle();
  return { found: await auditOrders(world.db, world.ledger), answers };
};

/** What anybody was told is what became of it. */
const check = async ({ found, answers }: Played): Promise<void> => {
  const orderOf = new Map<string, string>();
  for (const { kind, requestId, orderId, state, refused } of answers) {
    if (orderId === undefined) continue;
    expect(orderId).toBe(orderOf.get(requestId) ?? orderId);
    orderOf.set(requestId, orderId);
    const { order, history } = found.get(orderId)!;
    const happened = history.map((entry) => entry.kind);
    if (kind === 'buy' && refused) expect(order.state).toBe('FAILED');
    if (state === 'CANCELLED') expect(order.state).toBe('CANCELLED');
    if (state && ['PAID', 'SHIPPED', 'DELIVERED', 'REFUNDED'].includes(state)) expect(happened).toContain('PAID');
    if (state === 'REFUNDED') expect(order.state).toBe('REFUNDED');
    if (kind === 'ship' && state) expect(happened).toContain('SHIPPED');
    if (kind === 'deliver' && state) expect(happened).toContain('DELIVERED');
    if (kind === 'refund') {
      const own = history.filter(({ refund }) => refund?.note === requestId).map((entry) => entry.kind);
      if (state) expect(own).toHaveLength(2);
      if (refused?.reason === 'INSUFFICIENT_FUNDS') expect(own).toEqual(['REFUND_REQUESTED', 'REFUND_REFUSED']);
    }
  }
  // One request, one refund.
  for (const { history } of found.values()) {
    const asked = history.flatMap((entry) => (entry.kind === 'REFUND_REQUESTED' ? entry.refund!.note : []));
    expect(new Set(asked).size).toBe(asked.length);
  }
};
