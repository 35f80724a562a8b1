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
  const source = items[Symbol.asyncIterator]();
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let giveUp = () => {};
  /** Undefined if work fails meanwhile. A promise of its own for each item: a race against one failure would keep all of them. */
  const next = (): Promise<IteratorResult<T> | undefined> =>
    new Promise((resolve, reject) => {
      giveUp = () => resolve(undefined);
      source.next().then(resolve, reject);
    });
  try {
    for (let index = 0; failures.length === 0; index++) {
      const item = await next();
      if (!item || item.done || failures.length > 0) break;
      const job = work(item.value, index)
        .catch((error: unknown) => {
          failures.push(error);
          giveUp();
        })
        .finally(() => running.delete(job));
      running.add(job);
      if (running.size >= limit) await Promise.race(running);
    }
  } finally {
    await Promise.all(running);
  }
  if (failures.length === 0) return;
  // A source that waits for its sender closes when it hears of it again; nobody waits for that.
  source.return?.().catch(() => {});
  throw failures[0];
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
