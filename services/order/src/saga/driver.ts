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

import { LEASE_MS } from '../domain/saga.ts';
import { sagaOverdue } from '../metrics.ts';
import type { Due, SagaStore } from '../store/saga-store.ts';
import type { Saga } from './saga.ts';

export interface DriverDeps {
  readonly sagas: Pick<SagaStore, 'due' | 'lease'>;
  readonly saga: Pick<Saga, 'work'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly now: Clock;
}

const PER_SHARD = 25;
const CONCURRENCY = 8;
const POLL_TIMEOUT_MS = 5000;

/**
 * Finds orders that nobody works on any more and takes them to their end. Any number of drivers may run: the lease keeps them
 * from doing the same work, the conditions of the writes from doing harm.
 */
export const createDriver = ({ sagas, saga, log, metrics, now }: DriverDeps): Poller => {
  const overdue = metrics.gauge(sagaOverdue);
  const contextOf = (signal: AbortSignal) =>
    backgroundContext({ method: 'order.driver', timeoutMs: POLL_TIMEOUT_MS, log, signal });

  const take = async (due: Due, signal: AbortSignal): Promise<void> => {
    if (signal.aborted) return;
    try {
      const leased = await sagas.lease(contextOf(signal), due, LEASE_MS);
      if (leased) await saga.work(leased, due.tries);
    } catch (error) {
      log.warn('order.lease-failed', errorFields(error));
    }
  };

  /** One look at all shards; answers how many orders were due. */
  const look = async (signal: AbortSignal): Promise<number> => {
    const found = await sagas.due(contextOf(signal), PER_SHARD);
    overdue.set({}, Math.max(0, ...found.map(({ dueAt }) => now() - dueAt)) / 1000);
    await inLanes(found, CONCURRENCY, (due) => take(due, signal));
    return found.length;
  };

  return createPoller({ look, many: PER_SHARD, failed: (error) => log.warn('order.poll-failed', errorFields(error)) });
};
