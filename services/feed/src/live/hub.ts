import { pause } from '@plaza/core';

/** One who waits for news of somebody. */
export interface Lookout extends Disposable {
  /** Resolves when there was news since the last time, after `atMostMs`, or when the signal aborts. */
  next(atMostMs: number, signal: AbortSignal): Promise<void>;
}

export type Hub = ReturnType<typeof createHub>;

/** Wakes the streams of this process that wait for news of somebody. It carries no news, only that there are some. */
export const createHub = ({ random = Math.random }: { random?: () => number } = {}) => {
  const rings = new Map<string, Set<() => void>>();

  return {
    /** Something happened, here or in another process. Too often does no harm. */
    wake(userId: string): void {
      for (const ring of rings.get(userId) ?? []) ring();
    },

    /** News may have been missed. All are woken within so many milliseconds, not at one moment: each will look. */
    wakeAll(withinMs: number): void {
      for (const all of rings.values()) for (const ring of all) setTimeout(ring, withinMs * random()).unref();
    },

    /** Nothing is missed from here on: look at the table after it. */
    watch(userId: string): Lookout {
      let bell = new AbortController();
      const ring = () => bell.abort();
      const others = rings.get(userId) ?? new Set();
      rings.set(userId, others.add(ring));
      return {
        async next(atMostMs, signal) {
          await pause(atMostMs, AbortSignal.any([signal, bell.signal]));
          bell = new AbortController();
        },
        [Symbol.dispose]() {
          if (others.delete(ring) && others.size === 0) rings.delete(userId);
        },
      };
    },

    /** Those for whom somebody waits. */
    get size(): number {
      return rings.size;
    },
  };
};
