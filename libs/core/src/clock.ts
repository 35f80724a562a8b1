/** Epoch milliseconds. Handed in, so that domain code is pure and tests decide what time it is. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

/** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });

/** Full-jitter exponential backoff, in milliseconds: a random time below min(cap, base * 2^attempt). */
export const backoffMs = (attempt: number, baseMs: number, capMs: number, random: () => number = Math.random): number =>
  random() * Math.min(capMs, baseMs * 2 ** attempt);
