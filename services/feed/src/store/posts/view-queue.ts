import type { Clock, Context, Mutation } from '@plaza/core';
import { enqueueFlush, postViews, type Bus } from '@plaza/events';

export type ViewQueue = ReturnType<typeof createViewQueue>;

/** Views on their way to the counters: in the durable queue until they are counted. */
export const createViewQueue = ({ tasks, now }: { tasks: Pick<Bus, 'enqueue'>; now: Clock }) => ({
  /**
   * Resolves when the queue has stored the views.
   * @throws UNAVAILABLE BUS_UNAVAILABLE when it is not known whether it has
   */
  record: (ctx: Context, mutation: Mutation, postIds: readonly string[]): Promise<void> =>
    enqueueFlush(ctx, tasks, postViews, mutation, (flushId) => ({
      flushId,
      postIds: [...new Set(postIds)],
      viewTime: new Date(now()),
    })),
});
