import { backgroundContext, type Context } from '@plaza/core';

import type { Redis } from './connect.ts';
import { whileAlive } from './flights.ts';
import { byRank, type Ranked, type Standing } from './ranked-row.ts';
import { createRankedView, WARMING_MS } from './ranked-view.ts';
import { requestCounter } from './request-counter.ts';

/**
 * Rows of many sets, each in the order of their scores. The table is the truth; Redis holds a view of it that is whole or not
 * read at all, and is built anew from the table when it is not there. Without Redis the table answers: slower, and the same.
 */
export interface RankedSet {
  /** The rows below the first `from`, from the top. Throws only what `load` throws, or when the caller's time is up. */
  page(ctx: Context, set: string, range: { from: number; limit: number }): Promise<Standing[]>;
  /** Where one row stands; undefined when the set does not hold it. Throws as `page`. */
  find(ctx: Context, set: string, id: string): Promise<Standing | undefined>;
  /** After the commit of a row. Never throws. */
  put(ctx: Context, set: string, row: Ranked): Promise<void>;
}

export interface RankedSetOptions {
  readonly redis: Redis;
  readonly namespace: string;
  /** Names the keys and the metric. */
  readonly name: string;
  /** How long a view lives, ± 10 %. Bounds how long a lost update can hurt. */
  readonly ttlMs: number;
  /** All rows of a set, by strongly consistent reads, in any order and in chunks. */
  readonly load: (ctx: Context, set: string) => AsyncIterable<readonly Ranked[]>;
}

export const createRankedSet = (options: RankedSetOptions): RankedSet => {
  const { redis, name, load } = options;
  const view = createRankedView(options);
  const count = requestCounter(redis.metrics, name);
  const flights = new Map<string, Promise<void>>();

  /** On no reader's time: a large set takes longer to read than any of them waits. */
  const build = async (set: string): Promise<void> => {
    const ctx = backgroundContext({ method: `cache.${name}.build`, timeoutMs: WARMING_MS, log: redis.log });
    try {
      const mark = await view.begin(ctx, set);
      if (mark === undefined) return;
      for await (const rows of load(ctx, set)) if (!(await view.fill(ctx, set, mark, rows))) return;
      await view.finish(ctx, set, mark);
    } catch (error) {
      redis.log.debug('cache.build.failed', { ranked: name, message: (error as Error).message });
      await view.drop(ctx, set);
    }
  };

  /** One build of a set at a time; whoever comes meanwhile waits for it. It takes in what is put while it goes on. */
  const built = (set: string): Promise<void> => {
    const under = flights.get(set);
    if (under) return under;
    const flight = build(set).finally(() => flights.delete(set));
    flights.set(set, flight);
    return flight;
  };

  const ask = async <T>(
    ctx: Context,
    set: string,
    look: () => Promise<T | undefined>,
    compute: (rows: readonly Ranked[]) => T,
  ): Promise<T> => {
    const seen = await look();
    if (seen !== undefined) {
      count('hit');
      return seen;
    }
    count(redis.up() ? 'miss' : 'error');
    if (redis.up()) {
      await whileAlive(ctx, built(set));
      const warm = await look();
      if (warm !== undefined) return warm;
    }
    const rows: Ranked[] = [];
    await redis.capped(ctx, async () => {
      for await (const chunk of load(ctx, set)) rows.push(...chunk);
    });
    return compute(rows.sort(byRank));
  };

  return {
    page: (ctx, set, { from, limit }) =>
      ask(
        ctx,
        set,
        () => view.page(ctx, set, from, limit),
        (rows) => rows.slice(from, from + limit).map((row, i) => standing(row, from + i)),
      ),

    find: async (ctx, set, id) => {
      const [found] = await ask(
        ctx,
        set,
        () => view.find(ctx, set, id),
        (rows): [Standing | undefined] => {
          const place = rows.findIndex((row) => row.id === id);
          return [place < 0 ? undefined : standing(rows[place]!, place)];
        },
      );
      return found;
    },

    put: (ctx, set, row) => view.put(ctx, set, row),
  };
};

const standing = ({ id, score, since }: Ranked, place: number): Standing => ({ id, score, since, rank: place + 1 });
