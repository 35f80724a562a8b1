import { createGenerationLease } from '@plaza/cache';
import { newId, systemClock } from '@plaza/core';
import { createConsumers, notificationSignal, signal } from '@plaza/events';
import { startServer } from '@plaza/rpc';

import type { App } from './app.ts';
import { createPayAttention } from './attention.ts';
import { createAuditor, touching } from './auditor.ts';
import type { FeedConfig } from './config.ts';
import { registerConsumers } from './consumers/index.ts';
import { addNotifying } from './consumers/notify.ts';
import { addNotifyingSavers } from './consumers/notify-savers.ts';
import { createFanning } from './fanning.ts';
import { createFeedReading } from './feed-reading.ts';
import { HEADS, SOURCES } from './feeds.ts';
import { keepHeadsTrusted } from './head-lease.ts';
import { createLiveSignals } from './live/live-signals.ts';
import { createMentioned } from './mentioned.ts';
import { workerAccess } from './store/access.ts';
import { createNoticeWriter } from './store/notifications/notice-writer.ts';
import { createEntryReader } from './store/home/entry-reader.ts';
import { createTruths } from './store/home/truths.ts';
import { createTelling } from './telling.ts';
import { createAppliedStore } from './store/home/applied-store.ts';
import { createDelivery } from './store/home/delivery.ts';
import { createErasureStore } from './store/erasure-store.ts';
import { createCountStore } from './store/posts/count-store.ts';
import { createEngagementErasure } from './store/posts/engagement-erasure.ts';
import { createAttentionStore } from './store/posts/attention-store.ts';
import { createListReader } from './store/posts/list-reader.ts';
import { createPostReader } from './store/posts/post-reader.ts';
import { createSaleStore } from './store/posts/sale-store.ts';
import { createVerify } from './verify.ts';
import { connect, SERVICE, type Overrides } from './wiring.ts';

/** The worker: everything that changes home feeds, counts and ranks. Any number may run; they share the messages. */
export const createWorker = async (config: FeedConfig, overrides: Overrides = {}): Promise<App> => {
  const now = overrides.now ?? systemClock;
  const parts = await connect(config, workerAccess, now);
  const { db, bus, redis, feeds, peers, graph, users, deadLetters, log, metrics } = parts;
  const { homeFeeds } = feeds;
  const posts = createPostReader({ db });
  const lists = createListReader({ db, now });
  const telling = createTelling({ db, now });
  const consumers = createConsumers({ bus, service: SERVICE, deadLetters, log, metrics });
  const erasures = createErasureStore({ db, posts, lists, homeFeeds, now });
  const entries = createEntryReader({ db });
  const feedReading = createFeedReading({ entries, peers });
  const { skeleton, timelines, sourcesOf, saves } = feeds;
  const { verify } = createVerify({ skeleton, feedReading, timelines, sourcesOf, posts, entries, graph });
  const auditor = createAuditor({ verify, rebuild: (ctx, viewerId) => skeleton.rebuild(ctx, viewerId), log, metrics });
  registerConsumers(consumers, {
    ...createFanning({
      db,
      feeds,
      truths: createTruths({ db }),
      deliver: createDelivery({ homeFeeds, erasures }),
      graph,
      tasks: bus,
      live: touching(auditor, createLiveSignals(bus)),
      thresholds: overrides.thresholds,
      metrics,
      now,
      newId,
    }),
    posts,
    applied: createAppliedStore({ db, now }),
    erasures,
    engagementErasure: createEngagementErasure({ db, now }),
    ...telling,
    saves,
    counts: createCountStore({ db, now }),
    payAttention: createPayAttention({ attention: createAttentionStore({ db, now }), posts, peers }),
    sales: createSaleStore({ db, now }),
    users,
    peers,
    metrics,
    now,
  });
  const rung = (userId: string) => signal(bus, notificationSignal, { userId });
  const noticeWriter = createNoticeWriter({ db, erasures, rung });
  addNotifying(consumers, { posts, noticeWriter, mentioned: createMentioned(users) });
  addNotifyingSavers(consumers, { noticeWriter, saves, stories: telling.stories });
  const leases = [HEADS, SOURCES].map((name) => createGenerationLease({ redis, namespace: config.namespace, name }));
  const keeping = keepHeadsTrusted({ leases, generation: feeds.generation, log });
  consumers.start();
  auditor.start();
  const server = await startServer({
    ...config,
    service: `${SERVICE}-worker`,
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
      await auditor.close();
      await consumers.close();
      await keeping.close();
      await parts.close();
    },
  };
};
