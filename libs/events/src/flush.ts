import { createHash } from 'node:crypto';

import { remainingMs, type Context, type Mutation } from '@plaza/core';

import type { Bus } from './bus.ts';
import type { TaskType } from './declare.ts';

/** What is left of the caller's time to be told that the queue did not answer. */
const ANSWER_MS = 100;

/**
 * Hands something that is only to be counted to the work queue: resolves when the queue has stored it. The same call with the same
 * body is the same flush, which counts once: for two minutes the queue knows it, later the counters do, by the flush's id.
 * @throws UNAVAILABLE BUS_UNAVAILABLE when it is not known whether it has
 */
export const enqueueFlush = async <T>(
  ctx: Context,
  tasks: Pick<Bus, 'enqueue'>,
  task: TaskType<T>,
  { scope, id, hash }: Mutation,
  flushOf: (flushId: string) => T,
): Promise<void> => {
  const flushId = createHash('sha256')
    .update(JSON.stringify([scope, id, hash]))
    .digest('base64url');
  // A queue that says nothing must not hold a place in the server for longer than the caller waits.
  const timeoutMs = Math.max(0, remainingMs(ctx) - ANSWER_MS);
  await tasks.enqueue(task, flushOf(flushId), { id: flushId, trace: ctx.trace, timeoutMs });
};
