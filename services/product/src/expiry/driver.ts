import {
  backgroundContext,
  createPoller,
  errorFields,
  inLanes,
  type Clock,
  type Log,
  type Metrics,
  type Poller,
} from '@plaza/core';

import { expireStep } from '../domain/reservation.ts';
import { expiryOverdue, reservationsExpired } from '../metrics.ts';
import type { Due, DueReservations } from '../store/due-reservations.ts';
import type { ReservationStore } from '../store/reservation-store.ts';

export interface DriverDeps {
  readonly due: Pick<DueReservations, 'due'>;
  readonly reservations: Pick<ReservationStore, 'expire'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly now: Clock;
}

const PER_SHARD = 25;
const CONCURRENCY = 8;
const TIMEOUT_MS = 5000;
/** Whoever fails stands back for so long, or those behind would never have their turn. */
const STAND_BACK_MS = 10_000;

/**
 * Takes back what orders reserved and did not come for in time. Any number of drivers may run, and none needs a lease: the whole work is
 * one transaction bound to the version of the reservation, so that of two drivers the later one finds it expired, and an order that
 * commits in between keeps its units. A lease would be one write more for each, to save a read now and then.
 */
export const createExpiryDriver = ({ due, reservations, log, metrics, now }: DriverDeps): Poller => {
  const overdue = metrics.gauge(expiryOverdue);
  const expired = metrics.counter(reservationsExpired);
  const standingBack = new Map<string, number>();
  const contextOf = (signal: AbortSignal) => backgroundContext({ method: 'product.expiry', timeoutMs: TIMEOUT_MS, log, signal });

  const take = async ({ orderId }: Due, signal: AbortSignal): Promise<void> => {
    if (signal.aborted) return;
    try {
      if (await reservations.expire(contextOf(signal), orderId, (seen) => expireStep(seen, now()))) expired.add({});
    } catch (error) {
      standingBack.set(orderId, now() + STAND_BACK_MS);
      if (!signal.aborted) log.warn('product.expiry-failed', { orderId, ...errorFields(error) });
    }
  };

  /** One look at all shards; answers how many reservations were due, as far as the index knew. */
  const look = async (signal: AbortSignal): Promise<number> => {
    for (const [orderId, until] of standingBack) if (until <= now()) standingBack.delete(orderId);
    const found = await due.due(contextOf(signal), now(), PER_SHARD, standingBack);
    overdue.set({}, Math.max(0, ...found.map(({ reservedUntil }) => now() - reservedUntil)) / 1000);
    await inLanes(found, CONCURRENCY, (next) => take(next, signal));
    return found.length;
  };

  return createPoller({ look, many: PER_SHARD, failed: (error) => log.warn('product.expiry-poll-failed', errorFields(error)) });
};
