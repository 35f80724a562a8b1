import type { Context } from '@plaza/core';

interface Next<T> {
  ctx: Context;
  value: T;
  readonly done: PromiseWithResolvers<void>;
}

/**
 * Writes values of which the latest counts. What comes for a row while one write of it is under way goes into the next, as one: ten
 * thousand who like a post at once must not stand in line for the row that tells its author.
 */
export const createLatestWrites = <T>(options: {
  rowOf: (value: T) => string;
  later: (a: T, b: T) => T;
  write: (ctx: Context, value: T) => Promise<void>;
}) => {
  const { rowOf, later, write } = options;
  /** What comes next of each row that is being written. */
  const lanes = new Map<string, { next?: Next<T> | undefined }>();

  const run = async (row: string, lane: { next?: Next<T> | undefined }): Promise<void> => {
    for (let { next } = lane; next; { next } = lane) {
      lane.next = undefined;
      const { ctx, value, done } = next;
      await write(ctx, value).then(done.resolve, done.reject);
    }
    lanes.delete(row);
  };

  /** Resolves when this value, or a later one, is written. */
  return (ctx: Context, value: T): Promise<void> => {
    const row = rowOf(value);
    const lane = lanes.get(row);
    const waiting = lane?.next;
    if (waiting) {
      waiting.value = later(waiting.value, value);
      // The youngest has the most time.
      if (ctx.deadline > waiting.ctx.deadline) waiting.ctx = ctx;
      return waiting.done.promise;
    }
    const next = { ctx, value, done: Promise.withResolvers<void>() };
    if (lane) lane.next = next;
    else {
      const fresh = { next };
      lanes.set(row, fresh);
      void run(row, fresh);
    }
    return next.done.promise;
  };
};
