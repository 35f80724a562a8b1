import { unreachable } from '@plaza/core';

import type { Failure, Order } from './order.ts';

/**
 * What is next for an order, by what stands in it alone; undefined when nothing is left to do. Every step may be repeated.
 * - reserve: take stock, PENDING → RESERVED
 * - pay: authorise the money, commit the stock, RESERVED → PAID. The commit comes first, so that a paid order cannot lose its
 *   stock to an expiry.
 * - capture: pay the sellers
 * - refund: take money back from the sellers
 * - give-back: release money and stock
 */
export const STEPS = ['reserve', 'pay', 'capture', 'refund', 'give-back'] as const;

export type Step = (typeof STEPS)[number];

export const stepOf = ({ state, settledAt, refund }: Order): Step | undefined => {
  switch (state) {
    case 'PENDING':
      return 'reserve';
    case 'RESERVED':
      return 'pay';
    case 'PAID':
    case 'SHIPPED':
    case 'DELIVERED':
    case 'REFUNDED':
      if (settledAt === undefined) return 'capture';
      return refund && 'refund';
    case 'FAILED':
    case 'CANCELLED':
      return settledAt === undefined ? 'give-back' : undefined;
    default:
      return unreachable(state);
  }
};

/** No other state follows. */
export const hasEnded = ({ state }: Order): boolean => state === 'FAILED' || state === 'CANCELLED' || state === 'REFUNDED';

/** No other state follows, and nothing is left to do. */
export const isOver = (order: Order): boolean => hasEnded(order) && stepOf(order) === undefined;

/** How long the process that works on an order has before the driver of any process takes it up, in milliseconds. */
export const LEASE_MS = 6000;

const BASE_MS = 500;
/** Below the 30 s in which every order settles after trouble ends, with room for the steps themselves. */
const CAP_MS = 8000;

/** When to try again after `tries` failed tries. `random` in [0, 1): at least half of the wait, so that it cannot spin. */
export const retryAt = (tries: number, now: number, random: number): number =>
  now + Math.min(CAP_MS, BASE_MS * 2 ** tries) * (0.5 + random / 2);

/** From so many failed tries on an unfinished order wants a human's eye. */
export const STUCK_TRIES = 10;
/** Nearly two minutes of trouble. Long enough for a restart, short enough that nobody's money waits for a service that is gone. */
const GIVE_UP_TRIES = 20;

/** Whether the order is dead: it is failed and given back. What must come to its end, paying sellers and giving back, never is. */
export const isDead = (order: Order, tries: number): boolean => {
  const step = stepOf(order);
  return tries >= GIVE_UP_TRIES && (step === 'reserve' || step === 'pay');
};

/** The failure of an order that is dead. */
export const timedOut = (order: Order, tries: number): Failure => ({
  reason: 'SETTLEMENT_TIMED_OUT',
  domain: 'plaza.order',
  message: 'a service that the order needs was in trouble for too long; everything goes back, order again',
  metadata: { step: stepOf(order) ?? '', tries: String(tries) },
});
