/**
 * Works on the items of a stream, at most `limit` at a time; the next item is taken only when there is a place, so a slow store
 * slows the sender. After a failure no more is taken, also if the sender is silent just then; what is in flight ends first, then the
 * failure is thrown.
 */
export const eachInFlight = async <T>(
  items: AsyncIterable<T>,
  limit: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> => {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const { promise: failed, resolve: fail } = Promise.withResolvers<void>();
  const takeAll = async () => {
    let index = 0;
    for await (const item of items) {
      // It comes after a failure that did not wait for it. Only now can the source be closed.
      if (failures.length > 0) break;
      const job = work(item, index++)
        .catch((error: unknown) => {
          failures.push(error);
          fail();
        })
        .finally(() => running.delete(job));
      running.add(job);
      if (running.size >= limit) await Promise.race(running);
      if (failures.length > 0) break;
    }
  };
  try {
    await Promise.race([takeAll(), failed]);
  } finally {
    await Promise.all(running);
  }
  if (failures.length > 0) throw failures[0];
};

/** Work on one key waits for the work on it that came before, whatever became of that; work on different keys does not. */
export const inTurn = () => {
  const last = new Map<string, Promise<void>>();
  return async (key: string, work: () => Promise<void>): Promise<void> => {
    const run = (last.get(key) ?? Promise.resolve()).then(work);
    const settled = run.catch(() => {});
    last.set(key, settled);
    try {
      await run;
    } finally {
      if (last.get(key) === settled) last.delete(key);
    }
  };
};
