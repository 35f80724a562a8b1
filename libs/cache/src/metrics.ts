import { defineCounter, defineGauge, defineHistogram } from '@plaza/core';

export const cacheRequests = defineCounter('cache_requests_total', 'Reads of a cache by what they found', ['cache', 'result']);
export const cacheConnected = defineGauge('cache_connected', 'Whether commands are sent to Redis: 1 or 0');
/** A request waits for 50 ms at most. */
export const cacheRoundTrip = defineHistogram(
  'cache_round_trip_seconds',
  'From commands sent to Redis to their answers',
  [],
  [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5],
);
export const cacheFailures = defineCounter('cache_failures_total', 'Round trips to Redis that brought no answer, or an error');
export const rateLimitedCalls = defineCounter('rate_limited_calls_total', 'Calls of limited methods, by what each counter said', [
  'method',
  'kind',
  'result',
]);
