import { backgroundContext, errorFields, pause, type Clock, type Log, type Metrics } from '@plaza/core';

import { expireStep } from '../domain/reservation.ts';
import type { Due, DueReservations } from '../store/due-reservations.ts';
import type { ReservationStore } from '../store/reservation-store.ts';

export interface DriverDeps {
  readonly due: Pick<DueReservations, 'due'>;
  readonly reservations: Pick<ReservationStore, 'expire'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly now: Clock;
}

export type ExpiryDriver = ReturnType<typeof createExpiryDriver>;

const POLL_MS = 1000;
const BUSY_MS = 50;
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
export const createExpiryDriver = ({ due, reservations, log, metrics, now }: DriverDeps) => {
  const overdue = metrics.gauge('stock_expiry_overdue_seconds', 'How long the longest waiting reservation is overdue', []);
  const expired = metrics.counter('stock_reservations_expired_total', 'Reservations whose units were taken back', []);
  const standingBack = new Map<string, number>();
  const closing = new AbortController();
  const context = () => backgroundContext({ method: 'product.expiry', timeoutMs: TIMEOUT_MS, log, signal: closing.signal });

  const take = async ({ orderId }: Due): Promise<void> => {
    if (closing.signal.aborted) return;
    if (await reservations.expire(context(), orderId, (seen) => expireStep(seen, now()))) expired.add({});
  };

  /** One look at all shards; answers how many reservations were due, as far as the index knew. */
  const poll = async (): Promise<number> => {
    for (const [orderId, until] of standingBack) if (until <= now()) standingBack.delete(orderId);
    const found = await due.due(context(), now(), PER_SHARD, standingBack);
    overdue.set({}, Math.max(0, ...found.map(({ reservedUntil }) => now() - reservedUntil)) / 1000);
    const waiting = [...found];
    const worker = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const { orderId } = next;
        await take(next).catch((error: unknown) => {
          standingBack.set(orderId, now() + STAND_BACK_MS);
          if (!closing.signal.aborted) log.warn('product.expiry-failed', { orderId, ...errorFields(error) });
        });
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    return found.length;
  };

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const found = await poll().catch((error: unknown) => {
        if (!closing.signal.aborted) log.warn('product.expiry-poll-failed', errorFields(error));
        return 0;
      });
      // Of all shards together; so many that are due mean that more may be waiting.
      await pause(found < PER_SHARD ? POLL_MS : BUSY_MS, closing.signal);
    }
  };

  let running: Promise<void> | undefined;
  return {
    poll,
    start(): void {
      running ??= run();
    },
    async close(): Promise<void> {
      closing.abort();
      await running;
    },
  };
};
