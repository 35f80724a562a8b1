import { createHash } from 'node:crypto';

import type { Clock, Context, Mutation } from '@plaza/core';
import { productViews, type Bus } from '@plaza/events';

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
    await tasks.enqueue(productViews, flush, { id: flushId, trace: ctx.trace });
  },
});
