import { setTimeout as pause } from 'node:timers/promises';

export interface EventuallyOptions {
  /** How long to go on trying, in milliseconds; 10,000 by default. */
  readonly timeoutMs?: number;
  /** Between two tries, in milliseconds; 50 by default. */
  readonly everyMs?: number;
}

/**
 * Repeats an assertion until it stops throwing and gives back what it returned. When the time is up, throws what the last
 * try threw, so that the test shows the expectation that failed and not a timeout.
 */
export const eventually = async <T>(assertion: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<T> => {
  const { timeoutMs = 10_000, everyMs = 50 } = options;
  const end = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() + everyMs > end) throw error;
      await pause(everyMs);
    }
  }
};
