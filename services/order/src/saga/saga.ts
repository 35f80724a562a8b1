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
import { isDead, LEASE_MS, retryAt, stepOf, STEPS, STUCK_TRIES, timedOut } from '../domain/saga.ts';
import { ordersSettled, ordersStuck, sagaTroubles } from '../metrics.ts';
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
/** Shorter than the lease of an order that is not young any more, so that two rarely work on one. */
const WORK_MS = LEASE_MS - 500;
/** Orders that this process finishes behind its answers; what is beyond waits for the driver. */
const MAX_BEHIND = 64;

export const createSaga = (deps: SagaDeps) => {
  const { sagas, now, random } = deps;
  const log = deps.log.with({ component: 'saga' });
  const drive = createDrive(createSteps(deps));
  const settled = deps.metrics.counter(ordersSettled);
  const stuck = deps.metrics.counter(ordersStuck);
  // Or the first one would not be an increase.
  for (const step of STEPS) stuck.add({ step }, 0);
  const troubles = deps.metrics.counter(sagaTroubles);
  const closing = new AbortController();
  const behind = new Set<Promise<void>>();

  const background = (timeoutMs: number, trace = ''): Context =>
    backgroundContext({ method: 'order.saga', timeoutMs, log, signal: closing.signal, trace });

  /** What is to be done about the end of a piece of work. Whatever it leaves undone, the lease runs out and the driver finds the order. */
  const note = async ({ order, trouble }: Outcome, tries: number): Promise<void> => {
    const step = stepOf(order);
    if (step === undefined) return settled.add({ state: order.state });
    if (trouble === undefined) return;
    if (!isAppError(trouble)) log.error('order.step-broken', { orderId: order.orderId, step, ...errorFields(trouble) });
    troubles.add({ step, reason: isAppError(trouble) ? trouble.reason : 'INTERNAL' });
    const fields = { orderId: order.orderId, step, tries, ...errorFields(trouble) };
    if (tries === STUCK_TRIES) stuck.add({ step });
    if (tries >= STUCK_TRIES) log.error('order.stuck', fields);
    else log.warn('order.delayed', fields);
    const short = background(1000);
    if (isDead(order, tries)) {
      log.error('order.gave-up', fields);
      await deps.orders.failed(short, order, timedOut(order, tries));
    } else await sagas.postpone(short, order, retryAt(tries, now(), random()), tries);
  };
  const noted = (outcome: Outcome, tries: number): Promise<void> =>
    note(outcome, tries).catch((error: unknown) =>
      log.warn('order.note-failed', { orderId: outcome.order.orderId, ...errorFields(error) }),
    );

  /** Works on an order to its end, or to the next trouble. */
  const work = async (order: Order, tries: number, trace?: string): Promise<void> => {
    const outcome = await drive(background(WORK_MS, trace), order, () => false);
    await noted(outcome, outcome.order.version > order.version ? 1 : tries + 1);
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

  /** Takes an order on until it is `enough`, as far as the caller's time allows. What follows is done behind the answer. */
  const until = async (ctx: Context, order: Order, enough: (order: Order) => boolean): Promise<Order> => {
    const inTime = withTimeout(ctx, Math.max(0, remainingMs(ctx) - ANSWER_MS));
    const outcome = await drive(inTime, order, enough);
    if (outcome.trouble !== undefined) behindTheAnswer(noted(outcome, 0));
    else if (stepOf(outcome.order)) finish(ctx, outcome.order);
    return outcome.order;
  };

  return {
    work,

    finish,

    /** Until an open order is paid for or called off. */
    untilAnswered: (ctx: Context, order: Order): Promise<Order> => until(ctx, order, (current) => !isOpen(current)),

    /** Until the refund that is under way has ended, if one is. */
    untilRefunded: async (ctx: Context, order: Order): Promise<Order> => {
      const { refund: first } = order;
      return first ? until(ctx, order, ({ refund }) => refund?.refundId !== first.refundId) : order;
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
