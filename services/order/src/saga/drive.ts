import { assertAlive, type Context } from '@plaza/core';

import type { Order } from '../domain/order.ts';
import { stepOf, type Step } from '../domain/saga.ts';
import type { RunStep } from './steps.ts';

export interface Outcome {
  readonly order: Order;
  /** Why it stopped early, if it did. */
  readonly trouble?: unknown;
}

type Drive = (ctx: Context, order: Order, enough: (order: Order) => boolean) => Promise<Outcome>;

/**
 * Takes step after step from the order's state until it is settled, `enough` says so, or there is trouble; the outcome tells
 * how far it came. It acts for the buyer, whoever called.
 */
export const createDrive =
  (steps: Record<Step, RunStep>): Drive =>
  async (ctx, order, enough) => {
    const buyer: Context = { ...ctx, caller: { kind: 'user', userId: order.userId } };
    let current = order;
    try {
      for (let step = stepOf(current); step && !enough(current); step = stepOf(current)) {
        assertAlive(buyer);
        current = await steps[step](buyer, current);
      }
      return { order: current };
    } catch (trouble) {
      return { order: current, trouble };
    }
  };
