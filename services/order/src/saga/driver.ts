import { backgroundContext, errorFields, pause, type Clock, type Log, type Metrics } from '@plaza/core';

import { LEASE_MS } from '../domain/saga.ts';
import type { Due, SagaStore } from '../store/saga-store.ts';
import type { Saga } from './saga.ts';

export interface DriverDeps {
  readonly sagas: Pick<SagaStore, 'due' | 'lease'>;
  readonly saga: Pick<Saga, 'work'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly now: Clock;
}

const POLL_MS = 1000;
const BUSY_MS = 50;
const PER_SHARD = 25;
const CONCURRENCY = 8;
const POLL_TIMEOUT_MS = 5000;

/**
 * Finds orders that nobody works on any more and takes them to their end. Any number of drivers may run: the lease keeps them
 * from doing the same work, the conditions of the writes from doing harm.
 */
export const createDriver = ({ sagas, saga, log, metrics, now }: DriverDeps) => {
  const overdue = metrics.gauge('order_saga_overdue_seconds', 'How long the longest waiting unfinished order is overdue', []);
  const closing = new AbortController();
  const context = () => backgroundContext({ method: 'order.driver', timeoutMs: POLL_TIMEOUT_MS, log, signal: closing.signal });

  const take = async (due: Due): Promise<void> => {
    if (closing.signal.aborted) return;
    const leased = await sagas.lease(context(), due, LEASE_MS);
    if (leased) await saga.work(leased, due.tries);
  };

  /** One look at all shards; answers how many orders were due. */
  const poll = async (): Promise<number> => {
    const found = await sagas.due(context(), PER_SHARD);
    overdue.set({}, Math.max(0, ...found.map(({ dueAt }) => now() - dueAt)) / 1000);
    const waiting = [...found];
    const worker = async () => {
      for (let due = waiting.shift(); due; due = waiting.shift())
        await take(due).catch((error: unknown) => log.warn('order.lease-failed', errorFields(error)));
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    return found.length;
  };

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const found = await poll().catch((error: unknown) => {
        if (!closing.signal.aborted) log.warn('order.poll-failed', errorFields(error));
        return 0;
      });
      // Of all shards together; so many due orders mean that more may be waiting.
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
