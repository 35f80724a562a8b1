import { createTimeline, type Redis } from '@plaza/cache';
import type { GraphClients } from '@plaza/clients';
import type { Clock } from '@plaza/core';
import type { Db } from '@plaza/dynamo';
import type { Bus } from '@plaza/events';

import { createSkeleton, createSourcesOf } from './skeleton.ts';
import { createFeedStateStore } from './store/home/feed-state-store.ts';
import { createHeadGeneration } from './store/home/head-generation.ts';
import { createHomeFeedStore, HEAD_CAP } from './store/home/home-feed-store.ts';
import { createSavedProducts } from './store/home/saved-products.ts';
import { createSourceTimelines, TIMELINE_CAP } from './store/home/source-timelines.ts';

/** Names the Redis heads and their leases: the service reads what the worker writes. */
export const HEADS = 'home';
export const SOURCES = 'sources';
const HEAD_TTL_MS = 14 * 24 * 3_600_000;

export type Feeds = ReturnType<typeof createFeeds>;

/** What service and worker know of feeds: rows, states, and the timelines of sources. */
export const createFeeds = (parts: {
  readonly db: Db;
  readonly redis: Redis;
  readonly namespace: string;
  readonly graph: Pick<GraphClients['graph'], 'streamFollowing'>;
  readonly tasks: Pick<Bus, 'enqueue'>;
  readonly now: Clock;
}) => {
  const { db, redis, namespace, graph, tasks, now } = parts;
  const generation = createHeadGeneration({ db });
  const heads = createTimeline({ redis, namespace, name: HEADS, cap: HEAD_CAP, ttlMs: HEAD_TTL_MS });
  const sources = createTimeline({ redis, namespace, name: SOURCES, cap: TIMELINE_CAP, ttlMs: HEAD_TTL_MS });
  const homeFeeds = createHomeFeedStore({ db, heads, generation });
  const timelines = createSourceTimelines({ db, heads: sources, generation });
  const states = createFeedStateStore({ db, now });
  const saves = createSavedProducts({ db, now });
  const sourcesOf = createSourcesOf(graph, saves);
  const skeleton = createSkeleton({ homeFeeds, states, timelines, sourcesOf, tasks, now });
  return { generation, homeFeeds, timelines, states, saves, sourcesOf, skeleton };
};
