import { unreachable } from '@plaza/core';

import type { Order } from './order.ts';

/**
 * What is next for an order, by its state alone: every step may be repeated, so nothing else needs to be remembered.
 * - reserve: take stock, PENDING → RESERVED
 * - pay: hold money, commit the stock, RESERVED → PAID. The commit comes first, so that a paid order cannot lose its stock to
 *   an expiry.
 * - capture: pay the sellers
 * - give-back: release money and stock
 * After the last two, nothing is left to do.
 */
export type Step = 'reserve' | 'pay' | 'capture' | 'give-back';

export const stepOf = ({ state }: Order): Step => {
  switch (state) {
    case 'PENDING':
      return 'reserve';
    case 'RESERVED':
      return 'pay';
    case 'PAID':
      return 'capture';
    case 'FAILED':
    case 'CANCELLED':
      return 'give-back';
    default:
      return unreachable(state);
  }
};

/** How long the process that works on an order has before the driver of any process takes it up, in milliseconds. */
export const LEASE_MS = 6000;

const BASE_MS = 500;
/** Below the 30 s in which every order settles after trouble ends, with room for the steps themselves. */
const CAP_MS = 8000;

/** When to try again after `tries` failed tries. `random` in [0, 1): at least half of the wait, so that it cannot spin. */
export const retryAt = (tries: number, now: number, random: number): number =>
  now + Math.min(CAP_MS, BASE_MS * 2 ** tries) * (0.5 + random / 2);
