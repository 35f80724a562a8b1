import { pause, silentLog, type Metrics } from '@plaza/core';

import { backlogOf } from './backlog.ts';
import type { Bus } from './bus.ts';
import { consumerPending } from './metrics.ts';

const EVERY_MS = 10_000;
/** While some are not known: consumers are made when the process starts, streams when their owners do. */
const UNKNOWN_MS = 1_000;

/**
 * Tells how many messages wait for each durable, until `closing`. Every process of a service tells the same numbers. What is not known,
 * because the bus is away, stays as it was: that the bus is away is told elsewhere.
 */
export const watchBacklog = async (options: {
  bus: Bus;
  queues: readonly { readonly stream: string; readonly durable: string }[];
  metrics: Metrics;
  closing: AbortSignal;
}): Promise<void> => {
  const { bus, queues, closing } = options;
  const pending = options.metrics.gauge(consumerPending);
  // One after the other: the server is asked for numbers, not hurried.
  const look = async ({ stream, durable }: (typeof queues)[number]): Promise<boolean> => {
    const waiting = await backlogOf(bus.link(), stream, durable, silentLog).catch(() => undefined);
    if (waiting !== undefined) pending.set({ durable }, waiting);
    return waiting !== undefined;
  };
  while (!closing.aborted) {
    let unknown = 0;
    for (const queue of queues) if (!closing.aborted && !(await look(queue))) unknown++;
    await pause(unknown > 0 ? UNKNOWN_MS : EVERY_MS, closing);
  }
};
