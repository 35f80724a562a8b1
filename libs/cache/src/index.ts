export { OPERATOR_REDIS_RULES, redisRules } from './access.ts';
/** What a process remembers by itself: the least recently used goes first. */
export { LRUCache } from 'lru-cache';
export { connectRedis, type Redis, type RedisOptions } from './connect.ts';
export { createEntityCache, type EntityCache, type EntityCacheOptions } from './entity-cache.ts';
export { createGenerationLease, type GenerationLease } from './generation-lease.ts';
export { inspectRedis, type SeenRedis } from './inspect.ts';
export { createRateLimiter, type RateLimiterOptions } from './rate-limit.ts';
export { whileAlive } from './flights.ts';
export { createRounds, type Rounds } from './rounds.ts';
export { createRankedSet, type RankedSet, type RankedSetOptions } from './ranked-set.ts';
export type { Ranked, Standing } from './ranked-row.ts';
export { createSlotRankings, type SlotRankingsOptions } from './slot-rankings.ts';
export { createTimeline, type Timeline, type TimelinePage } from './timeline.ts';
export { createSnapshots, type Snapshots } from './snapshots.ts';
export * from './insist.ts';
