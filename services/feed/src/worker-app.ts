import { createGenerationLease } from '@plaza/cache';
import { newId, systemClock } from '@plaza/core';
import { createConsumers } from '@plaza/events';
import { startServer } from '@plaza/rpc';

import type { App } from './app.ts';
import { createPayAttention } from './attention.ts';
import type { FeedConfig } from './config.ts';
import { registerConsumers } from './consumers/index.ts';
import { createFanOut } from './fan-out.ts';
import { keepHeadsTrusted } from './head-lease.ts';
import { createAppliedStore } from './store/home/applied-store.ts';
import { createBackfill } from './store/home/backfill.ts';
import { createDelivery } from './store/home/delivery.ts';
import { createErasureStore } from './store/erasure-store.ts';
import { createReceiptStore } from './store/home/receipt-store.ts';
import { createCountStore } from './store/posts/count-store.ts';
import { createEngagementErasure } from './store/posts/engagement-erasure.ts';
import { createAttentionStore } from './store/posts/attention-store.ts';
import { createListReader } from './store/posts/list-reader.ts';
import { createPostReader } from './store/posts/post-reader.ts';
import { createSaleStore } from './store/posts/sale-store.ts';
import { connect, HEADS, SERVICE, type Overrides } from './wiring.ts';

/** The worker: everything that changes home feeds, counts and ranks. Any number may run; they share the messages. */
export const createWorker = async (config: FeedConfig, overrides: Overrides = {}): Promise<App> => {
  const parts = await connect(config);
  const { db, bus, redis, homeFeeds, generation, peers, graph, users, deadLetters, log, metrics } = parts;
  const now = overrides.now ?? systemClock;
  const posts = createPostReader({ db });
  const lists = createListReader({ db, now });
  const consumers = createConsumers({ bus, service: SERVICE, deadLetters, log, metrics });
  const erasures = createErasureStore({ db, posts, lists, homeFeeds, now });
  const deliver = createDelivery({ homeFeeds, erasures });
  const receipts = createReceiptStore({ db });
  registerConsumers(consumers, {
    posts,
    homeFeeds,
    receipts,
    applied: createAppliedStore({ db, now }),
    deliver,
    backfill: createBackfill({ posts, deliver, now }),
    erasures,
    engagementErasure: createEngagementErasure({ db, now }),
    counts: createCountStore({ db, now }),
    payAttention: createPayAttention({ attention: createAttentionStore({ db, now }), posts, peers }),
    sales: createSaleStore({ db, now }),
    users,
    peers,
    fanOut: createFanOut({ graph, tasks: bus, receipts, newId }),
    metrics,
    now,
  });
  const lease = createGenerationLease({ redis, namespace: config.namespace, name: HEADS });
  const keeping = keepHeadsTrusted({ lease, generation, log });
  consumers.start();
  const server = await startServer({
    service: `${SERVICE}-worker`,
    listen: config.listen,
    adminListen: config.adminListen,
    allowPlaintext: config.allowPlaintext,
    reflection: config.reflection,
    services: [],
    verifier: parts.verifier,
    log,
    metrics,
    status: async () => parts.status(),
  });
  log.info('service.started', { port: server.port, adminPort: server.adminPort });
  return {
    port: server.port,
    adminPort: server.adminPort,
    close: async () => {
      await server.close();
      await consumers.close();
      await keeping.close();
      await parts.close();
    },
  };
};
