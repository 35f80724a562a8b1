import type { Metrics } from '@plaza/core';

/** `error`: Redis away, answered by the table. `stale`: a fill that came too late and was refused; counted beside its miss. */
export type CacheResult = 'hit' | 'miss' | 'negative' | 'stale' | 'error';

/** Counts reads of one cache; the hit rate is (hit + negative) / (hit + negative + miss + error). */
export const requestCounter = (metrics: Metrics, cache: string): ((result: CacheResult, by?: number) => undefined) => {
  const counter = metrics.counter('cache_requests_total', 'Reads of a cache by what they found.', ['cache', 'result']);
  return (result, by = 1) => {
    if (by > 0) counter.add({ cache, result }, by);
  };
};
