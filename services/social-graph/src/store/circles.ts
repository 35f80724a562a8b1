import { createEntityCache, LRUCache, whileAlive, type Redis } from '@plaza/cache';
import { backgroundContext, type Context } from '@plaza/core';

import { packCircle, unpackCircle, type Circle } from '../domain/circle.ts';
import type { CircleStore } from './circle-store.ts';

const TTL_MS = 600_000;
const LOAD_MS = 2_000;
/** Ties held in memory, over all viewers: about 40 MB. */
const MOST_TIES = 400_000;

export type Circles = ReturnType<typeof createCircles>;

/** Circles of viewers: in memory, behind that in Redis, behind that in the table. One counts only if it is of a version that was confirmed. */
export const createCircles = (deps: { store: Pick<CircleStore, 'load'>; redis: Redis; namespace: string }) => {
  const { store, redis, namespace } = deps;
  const near = new LRUCache<string, Circle>({ maxSize: MOST_TIES, sizeCalculation: ({ ties }) => ties.size + 1 });
  const requests = redis.metrics.counter('graph_circles_total', 'Circles asked for, by where they were found', ['found']);
  const far = createEntityCache<Circle>({
    redis,
    namespace,
    name: 'circle',
    ttlMs: TTL_MS,
    negativeTtlMs: 0,
    versionOf: ({ version }) => version,
    encode: (circle) => Buffer.from(packCircle(circle), 'latin1'),
    decode: (bytes) => unpackCircle(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')),
  });
  const loading = new Map<string, Promise<Circle | undefined>>();

  /** One read of a viewer at a time. Nobody's own time: who leaves must not take the others along. */
  const load = (method: string, viewerId: string): Promise<Circle | undefined> => {
    const running = loading.get(viewerId);
    if (running) return running;
    requests.add({ found: 'table' });
    const started = store
      .load(backgroundContext({ method, timeoutMs: LOAD_MS }), viewerId)
      .finally(() => loading.delete(viewerId));
    loading.set(viewerId, started);
    return started;
  };

  return {
    /** The circle at `version`, which was just confirmed, or at a later one, which can only have come since. Undefined: no ties any more. */
    async at(ctx: Context, viewerId: string, version: number): Promise<Circle | undefined> {
      const remembered = near.get(viewerId);
      if (remembered && remembered.version >= version) {
        requests.add({ found: 'memory' });
        return remembered;
      }
      let circle = await far.get(ctx, viewerId, () => whileAlive(ctx, load(ctx.method, viewerId)));
      // Who joined a read that began before the confirmation may have got what was before it.
      while (circle && circle.version < version) {
        circle = await whileAlive(ctx, load(ctx.method, viewerId));
        if (circle) await far.put(ctx, viewerId, circle);
      }
      if (circle) near.set(viewerId, circle);
      return circle;
    },
  };
};
