import { createEntityCache, LRUCache, whileAlive, type EntityCache, type Redis } from '@plaza/cache';
import { backgroundContext, type Context, type Metrics } from '@plaza/core';

import { NO_TIES, type Circle } from '../domain/circle.ts';
import { circlesFound } from '../metrics.ts';
import { packCircle, unpackCircle } from './circle-entry.ts';
import type { CircleStore } from './circle-store.ts';
import { unverified } from './rounds.ts';

const TTL_MS = 600_000;
const LOAD_MS = 2_000;
/** Ties held in memory, over all viewers: about 30 MB. */
const MOST_TIES = 300_000;

/** Circles that all replicas share. Whoever takes one asks the table for its version. */
export const createCircleCache = ({ redis, namespace }: { redis: Redis; namespace: string }): EntityCache<Circle> =>
  createEntityCache({
    redis,
    namespace,
    name: 'circle',
    ttlMs: TTL_MS,
    negativeTtlMs: 0,
    versionOf: ({ version }) => version,
    encode: (circle) => Buffer.from(packCircle(circle), 'latin1'),
    decode: (bytes) => unpackCircle(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')),
  });

export type Circles = ReturnType<typeof createCircles>;

/** Circles of viewers: in memory, behind that in Redis, behind that in the table. */
export const createCircles = (deps: {
  store: Pick<CircleStore, 'load'>;
  far: EntityCache<Circle>;
  metrics: Metrics;
  mostTies?: number | undefined;
}) => {
  const { store, far, mostTies = MOST_TIES } = deps;
  const near = new LRUCache<string, Circle>({ maxSize: mostTies, sizeCalculation: ({ ties }) => ties.size + 1 });
  const requests = deps.metrics.counter(circlesFound);
  const loading = new Map<string, Promise<Circle>>();

  const fetch = async (method: string, viewerId: string, version: number): Promise<Circle> => {
    // Nobody's own time: who leaves must not take the others along.
    const ctx = backgroundContext({ method, timeoutMs: LOAD_MS });
    let loaded: Circle | undefined;
    const load = async () => (loaded = await store.load(ctx, viewerId));
    const shared = await far.get(ctx, viewerId, load);
    if (!loaded && shared?.version === version) requests.add({ found: 'redis' });
    else requests.add({ found: 'table' });
    // Another version than the table's is of no use: an older one as a rule, a newer one if the table came back from a copy.
    if (!loaded && shared?.version !== version) await far.put(ctx, viewerId, await load());
    const circle = loaded ?? shared ?? NO_TIES;
    near.set(viewerId, circle);
    return circle;
  };

  return {
    /** The circle of this version, if it is in memory. */
    held(viewerId: string, version: number): Circle | undefined {
      if (version === 0) return NO_TIES;
      const circle = near.get(viewerId);
      if (circle?.version !== version) return undefined;
      requests.add({ found: 'memory' });
      return circle;
    },

    /** Mostly the circle of this version, which the table had just now; the one of a later version if the ties move meanwhile. */
    async at(ctx: Context, viewerId: string, version: number): Promise<Circle> {
      // Of a version: whoever joined a read that began before this version was seen might get what was before it, and again.
      const key = `${viewerId} ${version}`;
      const running =
        loading.get(key) ??
        fetch(ctx.method, viewerId, version)
          .catch((error: unknown) => Promise.reject(unverified(error)))
          .finally(() => loading.delete(key));
      loading.set(key, running);
      return whileAlive(ctx, running);
    },
  };
};
