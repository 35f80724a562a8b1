import type { Context } from '@plaza/core';

import type { Redis } from './connect.ts';
import { decodeJson, encodeJson } from './encode.ts';
import { createFlights, type Landing } from './flights.ts';
import { requestCounter } from './request-counter.ts';
import { createShelf, type Fill, type Seen } from './shelf.ts';

/** Values of one kind behind Redis. Every load must be a strongly consistent read, or an old version could be cached after a new one. */
export interface EntityCache<T> {
  /** Undefined when the table holds nothing. Throws only what `load` throws, or when the caller's time is up. */
  get(ctx: Context, id: string, load: () => Promise<T | undefined>): Promise<T | undefined>;
  /** One round trip to Redis and at most one load for all that is missing. Ids that do not exist are not in the answer. */
  getMany(ctx: Context, ids: readonly string[], load: (missing: string[]) => Promise<Map<string, T>>): Promise<Map<string, T>>;
  /**
   * After the commit: replaces an older value that is cached. What is not cached is not added; the next reader does that. Never
   * throws. False: Redis could not be told in time and the write is owed, so that others may read what was before until it is.
   */
  put(ctx: Context, id: string, value: T): Promise<boolean>;
  /** After the commit of a delete; `version` is that of the deletion, or the last one that lived. Answers as `put` does. */
  bury(ctx: Context, id: string, version: number): Promise<boolean>;
}

export interface EntityCacheOptions<T> {
  readonly redis: Redis;
  readonly namespace: string;
  /** Names the keys and the metric. */
  readonly name: string;
  /** How long a value lives, ± 10 %. Also bounds how long a lost invalidation can hurt. */
  readonly ttlMs: number;
  /** How long "there is none" is believed; 30 s by default, 0 = never. */
  readonly negativeTtlMs?: number;
  /** A whole number from 0 that grows with every write of the entity. */
  readonly versionOf: (value: T) => number;
  /** JSON that keeps bigint, Date and bytes, by default. A decode that throws counts as a miss. */
  readonly encode?: (value: T) => Uint8Array;
  readonly decode?: (bytes: Uint8Array) => T;
}

const NEGATIVE_MS = 30_000;

export const createEntityCache = <T>(options: EntityCacheOptions<T>): EntityCache<T> => {
  const { redis, versionOf, encode = encodeJson, decode = decodeJson as (bytes: Uint8Array) => T } = options;
  const shelf = createShelf({ ...options, negativeTtlMs: options.negativeTtlMs ?? NEGATIVE_MS });
  const flights = createFlights<T>();
  const count = requestCounter(redis.metrics, options.name);

  /** Sorts what was seen into answers and what must be loaded. An entry that cannot be decoded is loaded and overwritten. */
  const read = (seen: ReadonlyMap<string, Seen>, found: Map<string, T>): Map<string, Open> => {
    const open = new Map<string, Open>();
    for (const [id, entry] of seen) {
      if (entry.kind === 'away') open.set(id, {});
      else if (entry.kind === 'open') open.set(id, { seen: entry });
      else if (entry.kind === 'negative') count('negative');
      else {
        try {
          found.set(id, decode(entry.payload));
        } catch {
          open.set(id, { seen: { header: entry.header, version: -1 } });
        }
      }
    }
    return open;
  };

  const loadAll = async (ctx: Context, open: ReadonlyMap<string, Open>, load: Load<T>): Promise<Map<string, T>> => {
    const ids = [...open.keys()];
    const away = ids.some((id) => !open.get(id)!.seen);
    const loading = away ? redis.capped(ctx, () => load(ids)) : load(ids);
    const filled = loading.then((loaded) =>
      shelf.fill(
        ctx,
        ids.flatMap((id) => fillOf(id, open.get(id)!, loaded.get(id))),
      ),
    );
    for (const [id, { seen }] of open)
      if (seen)
        flights.announce(
          ctx,
          flightKey(id, seen),
          loading.then((loaded) => loaded.get(id)),
          filled,
        );
    count('stale', await filled);
    return loading;
  };

  const fillOf = (id: string, { seen }: Open, value: T | undefined): Fill[] => {
    if (!seen) return [];
    return [{ id, seen, found: value === undefined ? undefined : { version: versionOf(value), payload: encode(value) } }];
  };

  const getMany: EntityCache<T>['getMany'] = async (ctx, ids, load) => {
    const found = new Map<string, T>();
    const wanted = [...new Set(ids)];
    if (wanted.length === 0) return found;
    const open = read(await shelf.look(ctx, wanted), found);
    count('hit', found.size);
    count('error', [...open.values()].filter(({ seen }) => !seen).length);
    count('miss', [...open.values()].filter(({ seen }) => seen).length);

    const joined: [string, Promise<Landing<T>>][] = [];
    for (const [id, { seen }] of open) {
      const flight = seen && flights.join(ctx, flightKey(id, seen));
      if (!flight) continue;
      joined.push([id, flight]);
      open.delete(id);
    }
    const landings = Promise.all(joined.map(async ([id, flight]) => [id, await flight] as const));
    const [loaded, landed] = await Promise.all([open.size > 0 ? loadAll(ctx, open, load) : new Map<string, T>(), landings]);
    for (const [id, value] of loaded) found.set(id, value);
    const abandoned: string[] = [];
    for (const [id, landing] of landed) {
      if (landing.abandoned) abandoned.push(id);
      else if (landing.value !== undefined) found.set(id, landing.value);
    }
    if (abandoned.length > 0) for (const [id, value] of await getMany(ctx, abandoned, load)) found.set(id, value);
    return found;
  };

  return {
    getMany,
    get: async (ctx, id, load) => {
      const found = await getMany(ctx, [id], async () => {
        const value = await load();
        return new Map(value === undefined ? [] : [[id, value]]);
      });
      return found.get(id);
    },
    put: (ctx, id, value) => shelf.put(ctx, id, versionOf(value), encode(value)),
    bury: (ctx, id, version) => shelf.bury(ctx, id, version),
  };
};

type Load<T> = (missing: string[]) => Promise<Map<string, T>>;

/** Must be loaded; `seen` is the right to fill, absent when Redis is away. */
interface Open {
  readonly seen?: { readonly header: string; readonly version: number };
}

const flightKey = (id: string, seen: { readonly header: string }): string => `${seen.header} ${id}`;
