import { AppError, type Context } from '@plaza/core';

import { evaluate, loadScript } from './command.ts';
import type { Redis } from './connect.ts';
import { prefix } from './prefix.ts';

const renewScript = loadScript('renew');

/** How long heads stay trusted after the last renewal. */
export const LEASE_MS = 5_000;
/** Longer than any head lives, so that a generation that was given up stays given up. */
const HIGHEST_MS = 60 * 24 * 3_600_000;

export interface GenerationLease {
  /**
   * Lets the heads of this generation be read for the next 5 s. Whoever inserts into heads renews about once a second; when it
   * cannot reach Redis the heads lapse instead of having holes. Throws UNAVAILABLE when Redis is away, ABORTED WRITE_CONFLICT
   * when a higher generation has been here.
   *
   * After an insert whose outcome stays unknown: repeat it until it succeeds, or never renew this generation again. A higher
   * generation makes every head cold at once.
   */
  renew(ctx: Context, generation: number): Promise<void>;
}

/** `name` is the name of the timeline whose heads it covers. */
export const createGenerationLease = (options: { redis: Redis; namespace: string; name: string }): GenerationLease => {
  const lease = leaseKey(options);
  return {
    renew: async (ctx, generation) => {
      const [renewed] = await options.redis.send(ctx, [
        evaluate(renewScript, [lease, `${lease}:highest`], generation, LEASE_MS, HIGHEST_MS),
      ]);
      if (renewed !== 1)
        throw new AppError('ABORTED', 'WRITE_CONFLICT', `generation ${generation} of ${options.name} was given up`, {
          domain: 'plaza',
        });
    },
  };
};

/** Lease and mark share one hash slot. */
export const leaseKey = ({ redis, namespace, name }: { redis: Redis; namespace: string; name: string }): string =>
  `${prefix(redis, namespace)}timeline:{${name}}:lease`;
