import { connectRedis } from '@plaza/cache';
import { createPageTokens, newId, noMetrics, silentLog } from '@plaza/core';
import type { Db } from '@plaza/dynamo';
import type { Consumers } from '@plaza/events';

import { createDeps } from '../src/deps.ts';
import { createFeeds, type Feeds } from '../src/feeds.ts';
import type { Deps } from '../src/handlers/index.ts';
import type { Peers } from '../src/peers.ts';

/** No Redis listens there: heads are cold and rankings are added up. */
export const noRedis = connectRedis({ owner: 'feed', url: 'redis://127.0.0.1:1', log: silentLog, metrics: noMetrics });

type Given = { readonly db: Db; readonly peers: Peers } & Partial<Parameters<typeof createDeps>[0]>;

/** The service's stores over a table in memory, without a bus: what is told stays in the outbox. */
export const depsInMemory = (given: Given): Deps =>
  createDeps({
    redis: noRedis,
    namespace: 'in memory',
    relay: { nudge: () => undefined },
    tasks: { enqueue: async () => undefined },
    feeds: feedsInMemory(given),
    pageTokens: createPageTokens('in memory'),
    areAllCounted: async () => true,
    audiences: { checkAudience: () => Promise.reject(new Error('nobody is asked about many')) },
    log: silentLog,
    metrics: noMetrics,
    now: () => Date.now(),
    random: () => 0,
    newId,
    ...given,
  });

/** Consumers that a test delivers to by itself. */
export const consumersBy = (on: Consumers['on'] & Consumers['onTask']): Consumers => ({
  on,
  onTask: on,
  start: () => undefined,
  close: async () => undefined,
  redrive: async () => undefined,
  backlog: async () => 0,
});

/** Feeds without Redis, of people who follow nobody unless a graph says so. */
export const feedsInMemory = (given: Pick<Given, 'db'> & Partial<Parameters<typeof createFeeds>[0]>): Feeds =>
  createFeeds({
    redis: noRedis,
    namespace: 'in memory',
    graph: { async *streamFollowing() {} },
    tasks: { enqueue: async () => undefined },
    now: () => Date.now(),
    ...given,
  });
