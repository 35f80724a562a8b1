import {
  backgroundContext,
  errorFields,
  isAppError,
  remainingMs,
  withTimeout,
  type Clock,
  type Context,
  type Log,
  type Metrics,
} from '@plaza/core';

import { isOpen, type Order } from '../domain/order.ts';
import { LEASE_MS, retryAt, stepOf } from '../domain/saga.ts';
import type { SagaStore } from '../store/saga-store.ts';
import { createDrive, type Outcome } from './drive.ts';
import { createSteps, type StepDeps } from './steps.ts';

export interface SagaDeps extends StepDeps {
  readonly sagas: SagaStore;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly now: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

export type Saga = ReturnType<typeof createSaga>;

/** What is left of the caller's time to answer with the order as it is. */
const ANSWER_MS = 100;
/** Shorter than the lease, so that two rarely work on one order. */
const WORK_MS = LEASE_MS - 500;
/** Orders that this process finishes behind its answers; what is beyond waits for the driver. */
const MAX_BEHIND = 64;
/** From here on a failing order wants a human's eye; it is tried on all the same. */
const STUCK_TRIES = 10;

export const createSaga = (deps: SagaDeps) => {
  const { sagas, now, random } = deps;
  const log = deps.log.with({ component: 'saga' });
  const drive = createDrive(createSteps(deps));
  const settled = deps.metrics.counter('order_settled_total', 'Orders with nothing left to do', ['state']);
  const troubles = deps.metrics.counter('order_saga_troubles_total', 'Steps that did not end as they should', ['step', 'reason']);
  const closing = new AbortController();
  const behind = new Set<Promise<void>>();

  const background = (timeoutMs: number, trace = ''): Context =>
    backgroundContext({ method: 'order.saga', timeoutMs, log, signal: closing.signal, trace });

  const note = async ({ order, settled: done, trouble }: Outcome, tries: number): Promise<void> => {
    if (done) return settled.add({ state: order.state });
    if (trouble === undefined) return;
    troubles.add({ step: stepOf(order), reason: isAppError(trouble) ? trouble.reason : 'INTERNAL' });
    const fields = { orderId: order.orderId, step: stepOf(order), tries, ...errorFields(trouble) };
    if (tries >= STUCK_TRIES || !isAppError(trouble)) log.error('order.stuck', fields);
    else log.warn('order.delayed', fields);
    // Without it the lease runs out, which takes longer but comes to the same.
    const short = background(1000);
    await sagas.postpone(short, order, retryAt(tries, now(), random()), tries).catch(() => undefined);
  };

  /** Works on an order to its end, or to the next trouble. */
  const work = async (order: Order, tries: number, trace?: string): Promise<void> => {
    const outcome = await drive(background(WORK_MS, trace), order, () => false);
    await note(outcome, outcome.order.version > order.version ? 1 : tries + 1);
  };
  const behindTheAnswer = (job: Promise<void>): void => {
    const tracked = job.catch((error: unknown) => log.error('order.saga-failed', errorFields(error)));
    behind.add(tracked);
    void tracked.finally(() => behind.delete(tracked));
  };
  /** Pays the sellers, or gives everything back, without anybody waiting for it. Whatever it leaves, the driver finds. */
  const finish = (ctx: Context, order: Order): void => {
    if (behind.size < MAX_BEHIND && !closing.signal.aborted) behindTheAnswer(work(order, 0, ctx.trace));
  };

  return {
    work,

    finish,

    /** Takes an open order as far as the caller's time allows. What follows is done behind the answer. */
    async untilAnswered(ctx: Context, order: Order): Promise<Order> {
      const inTime = withTimeout(ctx, Math.max(0, remainingMs(ctx) - ANSWER_MS));
      const outcome = await drive(inTime, order, (current) => !isOpen(current));
      if (outcome.trouble !== undefined) behindTheAnswer(note(outcome, 0));
      else finish(ctx, outcome.order);
      return outcome.order;
    },

    /** Lets what is under way end, for at most as long as a piece of work may take. */
    async close(graceMs = 2000): Promise<void> {
      const timer = setTimeout(() => closing.abort(), graceMs);
      await Promise.all(behind);
      clearTimeout(timer);
      closing.abort();
    },
  };
};
