import type { Metrics } from '@plaza/core';

import { cacheRequests } from './metrics.ts';

/** `error`: Redis away, answered by the table. `stale`: a fill that came too late and was refused; counted beside its miss. */
export type CacheResult = 'hit' | 'miss' | 'negative' | 'stale' | 'error';

/** Counts reads of one cache; the hit rate is (hit + negative) / (hit + negative + miss + error). */
export const requestCounter = (metrics: Metrics, cache: string): ((result: CacheResult, by?: number) => undefined) => {
  const counter = metrics.counter(cacheRequests);
  return (result, by = 1) => {
    if (by > 0) counter.add({ cache, result }, by);
  };
};
