import { pause } from './clock.ts';

export interface Poller {
  /** One look; answers how much it found. */
  poll(): Promise<number>;
  start(): void;
  /** Resolves when the look that is under way has ended. */
  close(): Promise<void>;
}

const POLL_MS = 1000;
const BUSY_MS = 50;

/**
 * Looks for work again and again: 50 ms after a look that found `many`, for more may be waiting, else after a second. A look that
 * throws is handed to `failed`, and the next one comes all the same. `signal` fires on `close`.
 */
export const createPoller = (options: {
  readonly look: (signal: AbortSignal) => Promise<number>;
  readonly many: number;
  readonly failed: (error: unknown) => void;
}): Poller => {
  const closing = new AbortController();
  const { signal } = closing;
  const poll = () => options.look(signal);

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const found = await poll().catch((error: unknown) => {
        if (!signal.aborted) options.failed(error);
        return 0;
      });
      await pause(found < options.many ? POLL_MS : BUSY_MS, signal);
    }
  };

  let running: Promise<void> | undefined;
  return {
    poll,
    start(): void {
      running ??= run();
    },
    async close(): Promise<void> {
      closing.abort();
      await running;
    },
  };
};

/** Works through all items, at most `width` at a time. The first error is thrown at once; what is under way, and other lanes, go on. */
export const inLanes = async <T>(items: readonly T[], width: number, work: (item: T) => Promise<unknown>): Promise<void> => {
  const left = [...items];
  const lane = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
};
