import { randomBytes } from 'node:crypto';

import type { Context } from '@plaza/core';

import { command, evaluate, loadScript } from './command.ts';
import type { Redis } from './connect.ts';
import { leaseKey } from './generation-lease.ts';
import { jittered } from './jitter.ts';
import { prefix } from './prefix.ts';
import { requestCounter } from './request-counter.ts';

const scripts = {
  page: loadScript('page'),
  begin: loadScript('begin'),
  fill: loadScript('fill-head'),
  insert: loadScript('insert'),
  remove: loadScript('remove'),
};

/** A reader that took longer than this between begin and fill starts over. */
const WARMING_MS = 10_000;
/** Inserts are on no user's path: they may take their time, in rounds that do not block the server for long. */
const INSERT_ROUND = 100;
const INSERT_MS = 500;

export interface TimelinePage {
  /** Newest first, at most `limit`. */
  readonly ids: string[];
  /** True: nothing older exists, neither here nor in the table. False: older rows may exist; a page shorter than `limit` goes on in the table. */
  readonly reachedFloor: boolean;
}

/**
 * The newest ids of many owners, each in one sorted set ("head") that is whole above its declared floor or not served at all.
 * The table is the truth: a row is written there before it is inserted here.
 */
export interface Timeline {
  /**
   * Ids older than `before` (newest without it). Undefined when the head may not be trusted: absent, warming, of another
   * generation than the lease, no lease, or Redis away. Then the table answers.
   */
  page(ctx: Context, owner: string, range: { before?: string | undefined; limit: number }): Promise<TimelinePage | undefined>;
  /** `page` of many heads, in one round trip, aligned with the owners. */
  pages(
    ctx: Context,
    owners: readonly string[],
    range: { before?: string | undefined; limit: number },
  ): Promise<(TimelinePage | undefined)[]>;
  /**
   * Call it BEFORE the table is read; inserts are kept from here on. Undefined when there is no point in filling: another reader
   * does, or there is no lease, or Redis is away.
   */
  begin(ctx: Context, owner: string): Promise<string | undefined>;
  /**
   * Call it after a strongly consistent read of the table: `ids` are all rows from the newest down to `floor`, '' when that is the
   * whole history. Without effect when the token no longer stands. Never throws: a fill that failed leaves the head cold.
   */
  fill(ctx: Context, owner: string, token: string, ids: readonly string[], floor: string): Promise<void>;
  /** Inserts into heads that exist; cold ones stay cold. THROWS UNAVAILABLE when any outcome is unknown; repeating is harmless. */
  insert(ctx: Context, entries: readonly { readonly owner: string; readonly id: string }[]): Promise<void>;
  /** Takes ids out of a head, after they left the table. Throws UNAVAILABLE when the outcome is unknown. */
  remove(ctx: Context, owner: string, ids: readonly string[]): Promise<void>;
  /** Makes a head cold. Throws UNAVAILABLE when the outcome is unknown. */
  drop(ctx: Context, owner: string): Promise<void>;
}

/** `cap` ids a head; a head that nobody reads for `ttlMs` disappears. */
export const createTimeline = (options: {
  redis: Redis;
  namespace: string;
  name: string;
  cap: number;
  ttlMs: number;
}): Timeline => {
  const { redis, cap, ttlMs } = options;
  const lease = leaseKey(options);
  const headKey = (owner: string) => `${prefix(redis, options.namespace)}timeline:${options.name}:{${owner}}`;
  const count = requestCounter(redis.metrics, options.name);
  const renewBelowMs = Math.round(ttlMs * 0.8);

  const pages: Timeline['pages'] = async (ctx, owners, { before = '', limit }) => {
    const asked = owners.map((owner) =>
      evaluate(scripts.page, [headKey(owner)], before, limit + 1, jittered(ttlMs), renewBelowMs),
    );
    // The lease lies in another hash slot, so it is not the script's to read. Reading it first, in the same round trip, is as
    // good: a page that was trusted by a lease older than itself by one round trip is a page that began before the lapse.
    const replies = await redis.send(ctx, [command('get', lease), ...asked]).catch(() => undefined);
    if (!replies) return owners.map(() => count('error'));
    const [stamp, ...heads] = replies as [string | null, ...(string[] | null)[]];
    return heads.map((head) => {
      if (!head || stamp === null || head[0] !== stamp) return count('miss');
      count('hit');
      const ids = head.slice(2);
      return { ids: ids.slice(0, limit), reachedFloor: head[1] === '' && ids.length <= limit };
    });
  };

  return {
    page: async (ctx, owner, range) => (await pages(ctx, [owner], range))[0],

    pages,

    begin: async (ctx, owner) => {
      const token = randomBytes(6).toString('base64url');
      try {
        const [stamp] = await redis.send(ctx, [command('get', lease)]);
        if (typeof stamp !== 'string') return undefined;
        // If the lease moves on between the two, the head carries the old stamp and is cold.
        const [begun] = await redis.send(ctx, [evaluate(scripts.begin, [headKey(owner)], stamp, token, WARMING_MS)]);
        return begun === 1 ? token : undefined;
      } catch {
        return undefined;
      }
    },

    fill: async (ctx, owner, token, ids, floor) => {
      const newest = [...new Set(ids)]
        .filter((id) => id >= floor)
        .sort()
        .reverse();
      // What does not fit is not sent, and the floor says so.
      const raised = newest.length > cap ? newest[cap]! : floor;
      const args = [token, raised, cap, jittered(ttlMs), ...newest.slice(0, cap)];
      await redis.send(ctx, [evaluate(scripts.fill, [headKey(owner)], ...args)]).catch((error: Error) => {
        ctx.log.debug('cache.fill.failed', { timeline: options.name, message: error.message });
      });
    },

    insert: async (ctx, entries) => {
      for (let i = 0; i < entries.length; i += INSERT_ROUND) {
        const round = entries.slice(i, i + INSERT_ROUND);
        await redis.send(
          ctx,
          round.map(({ owner, id }) => evaluate(scripts.insert, [headKey(owner)], id, cap)),
          INSERT_MS,
        );
      }
    },

    remove: async (ctx, owner, ids) => {
      if (ids.length > 0) await redis.send(ctx, [evaluate(scripts.remove, [headKey(owner)], ...ids)], INSERT_MS);
    },

    drop: async (ctx, owner) => {
      await redis.send(ctx, [command('del', headKey(owner))], INSERT_MS);
    },
  };
};
