export { connectRedis, type Redis } from './connect.ts';
export { createEntityCache, type EntityCache } from './entity-cache.ts';
export { createTimeline, type Timeline, type TimelinePage } from './timeline.ts';
export { createGenerationLease, type GenerationLease } from './generation-lease.ts';
