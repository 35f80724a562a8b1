import { pause } from './clock.ts';

/** One who waits for news of somebody or something. */
export interface Lookout extends Disposable {
  /** Resolves when there was news since the last time, after `atMostMs`, or when the signal aborts. */
  next(atMostMs: number, signal: AbortSignal): Promise<void>;
}

export type Hub = ReturnType<typeof createHub>;

/** Wakes the streams of this process that wait for news of what a key names. It carries no news, only that there are some: they are read from where they are true. */
export const createHub = ({ random = Math.random }: { random?: () => number } = {}) => {
  const rings = new Map<string, Set<() => void>>();

  return {
    /** Something happened, here or in another process. Too often does no harm. */
    wake: (key: string): void => {
      for (const ring of rings.get(key) ?? []) ring();
    },

    /** News may have been missed. All are woken within so many milliseconds, not at one moment: each will look. */
    wakeAll: (withinMs: number): void => {
      for (const all of rings.values()) for (const ring of all) setTimeout(ring, withinMs * random()).unref();
    },

    /** Nothing is missed from here on: look at the table after it. */
    watch(key: string): Lookout {
      let bell = new AbortController();
      const ring = () => bell.abort();
      const others = rings.get(key) ?? new Set();
      rings.set(key, others.add(ring));
      return {
        async next(atMostMs, signal) {
          await pause(atMostMs, AbortSignal.any([signal, bell.signal]));
          bell = new AbortController();
        },
        [Symbol.dispose]() {
          if (others.delete(ring) && others.size === 0) rings.delete(key);
        },
      };
    },

    /** Keys for which somebody waits. */
    get size(): number {
      return rings.size;
    },
  };
};
