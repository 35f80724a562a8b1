import fc from 'fast-check';
import { expect } from 'vitest';

import { createActs, type Answer, type Buy, type Transition } from './simulation-acts.ts';
import { auditOrders, type Story } from './simulation-audit.ts';
import {
  createSimulatedWorld,
  type Disturbance,
  type Flaws,
  type Mortal,
  type Scheduler,
  type Trouble,
} from './simulation-world.ts';

/** Two phases, each with its own troubles and two processes that die after so many passages. */
export interface Plan {
  readonly scheduler: Scheduler;
  readonly troubles: readonly [Trouble, Trouble];
  readonly buying: readonly (Buy | Disturbance)[];
  readonly after: readonly (Transition | Disturbance)[];
  readonly lives: readonly [number, number, number, number];
}

/** Whether a plan ends as it must. */
export const settles = (plans: fc.Arbitrary<Plan>, flaws: Flaws = {}) =>
  fc.asyncProperty(plans, async (plan) => check(await play(plan, flaws)));

interface Played {
  readonly found: Map<string, Story>;
  readonly answers: readonly Answer[];
}

const play = async (plan: Plan, flaws: Flaws): Promise<Played> => {
  const { scheduler, troubles } = plan;
  const world = createSimulatedWorld(scheduler, flaws);
  const answers: Answer[] = [];
  const acts = createActs(world, answers);
  const act = async (
    step: Plan['buying'][number] | Plan['after'][number],
    n: number,
    processes: readonly [Mortal, Mortal],
  ): Promise<void> => {
    await world.turns(step.delay);
    const [one, other] = n % 2 === 0 ? processes : ([processes[1], processes[0]] as const);
    if (step.kind === 'disturb') await world.disturb(step.by, one);
    else if (step.kind === 'buy') await acts.buy(step, one, other);
    else await acts.transit(step, one, other);
  };
  const [a, b, c, d] = plan.lives;
  for (const [steps, lives, trouble] of [
    [plan.buying, [a, b], troubles[0]],
    [plan.after, [c, d], troubles[1]],
  ] as const) {
    world.befall(trouble);
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
