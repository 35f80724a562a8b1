import { assertAlive, type Context } from '@plaza/core';

import type { Order } from '../domain/order.ts';
import { stepOf, type Step } from '../domain/saga.ts';
import type { Progress, RunStep } from './steps.ts';

export interface Outcome extends Progress {
  /** Why it stopped early, if it did. */
  readonly trouble?: unknown;
}

export type Drive = (ctx: Context, order: Order, enough: (order: Order) => boolean) => Promise<Outcome>;

/**
 * Takes step after step from the order's state until it is settled, `enough` says so, or there is trouble; the outcome tells
 * how far it came. It acts for the buyer, whoever called.
 */
export const createDrive =
  (steps: Record<Step, RunStep>): Drive =>
  async (ctx, order, enough) => {
    const buyer: Context = { ...ctx, caller: { kind: 'user', userId: order.userId } };
    let progress: Progress = { order, settled: false };
    try {
      while (!progress.settled && !enough(progress.order)) {
        assertAlive(buyer);
        progress = await steps[stepOf(progress.order)](buyer, progress.order);
      }
      return progress;
    } catch (trouble) {
      return { ...progress, trouble };
    }
  };
