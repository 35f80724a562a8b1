/**
 * Lets at most `limit` pieces of work run at a time, first come first served. Requests that queued inside the SDK for a free
 * socket would count the wait as connection time and fail after 200 ms.
 */
export const createInFlightLimit = (limit: number) => {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      // The place is handed on, not freed, so that nobody can slip in before the one that waited.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
};
