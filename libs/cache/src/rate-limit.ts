import { systemClock, type Clock, type Context } from '@plaza/core';

import { evaluate, loadScript } from './command.ts';
import type { Redis } from './connect.ts';
import { createLocalWindows, type Window } from './local-windows.ts';
import { rateLimitedCalls } from './metrics.ts';
import { prefix } from './prefix.ts';

const countScript = loadScript('count');

const MOST_LOCAL = 100_000;

/** One counter that a call adds to, as rpc makes it from the method's policy. */
interface Count {
  /** What the call is bound to by this counter: `field`, `address`, `caller` or `anonymous`. */
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
  /** Counters of each kind that this process keeps, 100,000 by default. Fields, which callers make up, do not push out addresses. */
  readonly mostLocal?: number;
  /** Of the counters in this process; those in Redis go by its clock. */
  readonly now?: Clock;
}

/**
 * Counts calls in fixed windows, in Redis for all replicas together and in this process too; a call is refused if either count
 * is above the limit. So the limit holds, per replica, while Redis is away, and nobody gains by its being wiped.
 *
 * Who calls is counted before what is called for, and a call that a counter here refuses is not counted by those behind it: a
 * flood of made-up values, once refused, opens no counters.
 *
 * Its shape is that of rpc's Limiter.
 */
export const createRateLimiter = (options: RateLimiterOptions) => {
  const { redis, namespace, factor = 1, mostLocal = MOST_LOCAL, now = systemClock } = options;
  const local = new Map<string, ReturnType<typeof createLocalWindows>>();
  const calls = redis.metrics.counter(rateLimitedCalls);

  const countHere = ({ kind, key, windowMs }: Count): Window => {
    const windows = local.get(kind) ?? createLocalWindows({ most: mostLocal, now });
    local.set(kind, windows);
    return windows.count(key, windowMs);
  };

  /** The counters that the call adds to, up to one that refuses. */
  const taken = (counts: readonly Count[]): (Count & { readonly here: Window })[] => {
    const added = [];
    for (const count of counts.toSorted((a, b) => Number(a.kind === 'field') - Number(b.kind === 'field'))) {
      const here = countHere(count);
      added.push({ ...count, limit: count.limit * factor, here });
      if (here.calls > count.limit * factor) break;
    }
    return added;
  };

  /** One round trip; undefined when Redis does not answer. */
  const shared = async (ctx: Context, counts: readonly Count[]): Promise<Window[] | undefined> => {
    try {
      const commands = counts.map(({ key, windowMs }) =>
        evaluate(countScript, [`${prefix(redis, namespace)}limit:${key}`], windowMs),
      );
      return (await redis.send(ctx, commands)).map((answer) => {
        const [made, leftMs] = answer as [number, number];
        return { calls: made, leftMs };
      });
    } catch {
      // The breaker logs that Redis is away; the local counters hold meanwhile.
      return undefined;
    }
  };

  return {
    async take(ctx: Context, method: string, counts: readonly Count[]) {
      if (factor === 0 || counts.length === 0) return undefined;
      const added = taken(counts);
      const everywhere = await shared(ctx, added);
      const excesses = added.flatMap(({ kind, limit, windowMs, here }, i) => {
        const over = [here, everywhere?.[i]].flatMap((window) => (window && window.calls > limit ? [window.leftMs] : []));
        calls.add({ method, kind, result: over.length === 0 ? 'allowed' : 'refused' });
        return over.length === 0 ? [] : [{ limit, windowMs, retryAfterMs: Math.max(...over) }];
      });
      // The one that refuses longest: coming back before it would be in vain.
      return excesses.toSorted((a, b) => b.retryAfterMs - a.retryAfterMs)[0];
    },
  };
};
