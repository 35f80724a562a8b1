import { whileAlive } from '@plaza/cache';
import { backgroundContext, type Context } from '@plaza/core';

/** None of those who wait may end it for the others. */
const TIMEOUT_MS = 3000;

interface Reads<T> {
  readonly current: Promise<T>;
  next?: Promise<T>;
}

/**
 * Whoever asks for something while it is being read shares the next read of it with all who asked meanwhile. Each answer is of a read
 * that began after the question, so that nothing is older than it would be if everybody read alone.
 */
export const createJoinedReads = <T>() => {
  const underWay = new Map<string, Reads<T>>();

  const begin = (ctx: Context, key: string, read: (ctx: Context) => Promise<T>): Promise<T> => {
    const { method, log, trace } = ctx;
    const current = read(backgroundContext({ method, timeoutMs: TIMEOUT_MS, log, trace }));
    const reads: Reads<T> = { current };
    underWay.set(key, reads);
    const over = () => {
      if (underWay.get(key) === reads && reads.next === undefined) underWay.delete(key);
    };
    // Also: whoever asked may be gone when it fails.
    current.then(over, over);
    return current;
  };

  return (ctx: Context, key: string, read: (ctx: Context) => Promise<T>): Promise<T> => {
    const reads = underWay.get(key);
    if (!reads) return whileAlive(ctx, begin(ctx, key, read));
    const again = () => begin(ctx, key, read);
    if (!reads.next) {
      reads.next = reads.current.then(again, again);
      // Whoever joined may be gone when it fails.
      reads.next.catch(() => undefined);
    }
    return whileAlive(ctx, reads.next);
  };
};
