import { createHash } from 'node:crypto';

import { remainingMs, type Clock, type Context, type Mutation } from '@plaza/core';
import { productViews, type Bus } from '@plaza/events';

/** What is left of the caller's time to be told that the queue did not answer. */
const ANSWER_MS = 100;

export type ViewQueue = ReturnType<typeof createViewQueue>;

/** Views on their way to the counters: in the durable queue until they are counted. */
export const createViewQueue = ({ tasks, now }: { tasks: Pick<Bus, 'enqueue'>; now: Clock }) => ({
  /**
   * Resolves when the queue has stored the views. The same call with the same body is the same flush, which counts once: for two
   * minutes the queue knows it, later the counters do.
   * @throws UNAVAILABLE BUS_UNAVAILABLE when it is not known whether it has
   */
  async record(ctx: Context, { scope, id, hash }: Mutation, productIds: readonly string[]): Promise<void> {
    const flushId = createHash('sha256')
      .update(JSON.stringify([scope, id, hash]))
      .digest('base64url');
    const flush = { flushId, productIds: [...new Set(productIds)], viewTime: new Date(now()) };
    // A queue that says nothing must not hold a place in the server for longer than the caller waits.
    const timeoutMs = Math.max(0, remainingMs(ctx) - ANSWER_MS);
    await tasks.enqueue(productViews, flush, { id: flushId, trace: ctx.trace, timeoutMs });
  },
});
