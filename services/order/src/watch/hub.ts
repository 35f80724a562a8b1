import { pause } from '@plaza/core';

/** One who waits for news of an order. */
export interface Lookout extends Disposable {
  /** Resolves when there was news since the last time, after `atMostMs`, or when the signal aborts. */
  next(atMostMs: number, signal: AbortSignal): Promise<void>;
}

export type Hub = ReturnType<typeof createHub>;

/** Wakes those in this process who watch an order. It carries no news, only that there are some: they are read from the table. */
export const createHub = () => {
  const rings = new Map<string, Set<() => void>>();

  return {
    /** Something happened to the order, here or in another process. Too often does no harm. */
    wake: (orderId: string): void => {
      for (const ring of rings.get(orderId) ?? []) ring();
    },

    /** Nothing is missed from here on: look at the table after it. */
    watch(orderId: string): Lookout {
      let bell = new AbortController();
      const ring = () => bell.abort();
      const others = rings.get(orderId) ?? new Set();
      rings.set(orderId, others.add(ring));
      return {
        async next(atMostMs, signal) {
          await pause(atMostMs, AbortSignal.any([signal, bell.signal]));
          bell = new AbortController();
        },
        [Symbol.dispose]() {
          if (others.delete(ring) && others.size === 0) rings.delete(orderId);
        },
      };
    },

    /** Orders that somebody watches. */
    get size(): number {
      return rings.size;
    },
  };
};
