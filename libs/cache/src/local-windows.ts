/** Calls in a window, and how many milliseconds are left of it. */
export interface Window {
  readonly calls: number;
  readonly leftMs: number;
}

interface Open {
  calls: number;
  readonly endsAt: number;
}

/**
 * Fixed windows in this process. At most `most` counters; beyond it those that began first are forgotten, of which most have
 * ended: about 10 MB hold 100,000.
 */
export const createLocalWindows = ({ most, now }: { most: number; now: () => number }) => {
  const open = new Map<string, Open>();
  return {
    /** Counts one call. */
    count(key: string, windowMs: number): Window {
      const at = now();
      let window = open.get(key);
      if (!window || window.endsAt <= at) {
        window = { calls: 0, endsAt: at + windowMs };
        // Taken out first, so that it stands at the end: the order of the map is the order of beginnings.
        open.delete(key);
        open.set(key, window);
        if (open.size > most) open.delete(open.keys().next().value!);
      }
      window.calls++;
      return { calls: window.calls, leftMs: window.endsAt - at };
    },
    size: () => open.size,
  };
};
