import { systemClock, type Clock, type Context } from '@plaza/core';

import { evaluate, loadScript } from './command.ts';
import type { Redis } from './connect.ts';
import { prefix } from './generation-lease.ts';
import { createLocalWindows, type Window } from './local-windows.ts';

const countScript = loadScript('count');

const MOST_LOCAL = 100_000;

/** One counter that a call adds to, as rpc makes it from the method's policy. */
interface Count {
  /** What the call is bound to by this counter: `field`, `address` or `caller`. */
  readonly kind: string;
  /** A hash of method and value. */
  readonly key: string;
  readonly limit: number;
  readonly windowMs: number;
}

export interface RateLimiterOptions {
  readonly redis: Redis;
  readonly namespace: string;
  /** Multiplies every limit, a whole number; 0 lets every call in, uncounted. */
  readonly factor?: number;
  /** Of the counters in this process; those in Redis go by its clock. */
  readonly now?: Clock;
}

/**
 * Counts calls in fixed windows, in Redis for all replicas together and in this process too; a call is refused if either count
 * is above the limit. So the limit holds, per replica, while Redis is away, and nobody gains by its being wiped.
 *
 * Its shape is that of rpc's Limiter.
 */
export const createRateLimiter = ({ redis, namespace, factor = 1, now = systemClock }: RateLimiterOptions) => {
  const local = createLocalWindows({ most: MOST_LOCAL, now });
  const calls = redis.metrics.counter('rate_limited_calls_total', 'Calls of limited methods, by what each counter said', [
    'method',
    'kind',
    'result',
  ]);

  /** One round trip; undefined when Redis does not answer. */
  const shared = async (counts: readonly Count[]): Promise<Window[] | undefined> => {
    try {
      const commands = counts.map(({ key, windowMs }) => evaluate(countScript, [`${prefix(namespace)}limit:${key}`], windowMs));
      return (await redis.send(commands)).map((answer) => {
        const [made, leftMs] = answer as [number, number];
        return { calls: made, leftMs };
      });
    } catch {
      // The breaker logs that Redis is away; the local counters hold meanwhile.
      return undefined;
    }
  };

  return {
    async take(_ctx: Context, method: string, counts: readonly Count[]) {
      if (factor === 0 || counts.length === 0) return undefined;
      const here = counts.map(({ key, windowMs }) => local.count(key, windowMs));
      const everywhere = await shared(counts);
      const excesses = counts.flatMap(({ kind, limit, windowMs }, i) => {
        const allowed = limit * factor;
        const over = [here[i], everywhere?.[i]].flatMap((window) => (window && window.calls > allowed ? [window.leftMs] : []));
        calls.add({ method, kind, result: over.length === 0 ? 'allowed' : 'refused' });
        return over.length === 0 ? [] : [{ limit: allowed, windowMs, retryAfterMs: Math.max(...over) }];
      });
      // The one that refuses longest: coming back before it would be in vain.
      return excesses.toSorted((a, b) => b.retryAfterMs - a.retryAfterMs)[0];
    },
  };
};
