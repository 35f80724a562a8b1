import type { Log, Metrics } from '@plaza/core';

const FAILURES_TO_OPEN = 3;
const PROBE_EVERY_MS = 200;

export interface Breaker {
  closed(): boolean;
  succeeded(): void;
  failed(): void;
  /** Opens at once: the connection is known to be gone. */
  lost(): void;
  /** Looks at once whether Redis is back, if the breaker is open. */
  probeNow(): void;
  stop(): void;
}

/**
 * Keeps requests away from a Redis that does not answer. It begins open, opens after three failures in a row, and closes
 * only when a probe of its own succeeds: no request pays for finding out.
 */
export const createBreaker = (options: {
  probe: (openForMs: number) => Promise<void>;
  log: Log;
  connected: ReturnType<Metrics['gauge']>;
}): Breaker => {
  const { connected } = options;
  connected.set({}, 0);
  let failures = 0;
  let openSince: number | undefined = Date.now();
  let probing = false;
  let stopped = false;

  const probe = async () => {
    if (openSince === undefined || probing || stopped) return;
    probing = true;
    try {
      await options.probe(Date.now() - openSince);
      options.log.info('cache.redis.came.back', { awayMs: Date.now() - openSince });
      openSince = undefined;
      connected.set({}, 1);
      failures = 0;
    } catch {
      // Still away; the timer asks again.
    } finally {
      probing = false;
    }
  };
  const open = () => {
    if (openSince !== undefined) return;
    openSince = Date.now();
    connected.set({}, 0);
    options.log.warn('cache.redis.went.away');
  };
  const timer = setInterval(() => void probe(), PROBE_EVERY_MS);
  timer.unref();

  return {
    closed: () => openSince === undefined,
    succeeded: () => {
      failures = 0;
    },
    failed: () => {
      if (++failures >= FAILURES_TO_OPEN) open();
    },
    lost: open,
    probeNow: () => void probe(),
    stop: () => {
      stopped = true;
      clearInterval(timer);
    },
  };
};
