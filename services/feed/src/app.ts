import { createRateLimiter } from '@plaza/cache';
import { bind, createSessionGuard, startServer } from '@plaza/rpc';
import { type Context, createHub, createPageTokens, newId, systemClock } from '@plaza/core';
import {
  createRelay,
  eventAdminHandlers,
  eventBacklog,
  feedSignal,
  hearSignals,
  notificationSignal,
  watchRevocations,
} from '@plaza/events';
import { createOutboxStore } from '@plaza/dynamo';
import { EventAdminServiceDefinition } from '@plaza/proto/plaza/common/v1/event_admin_service';
import { FeedAdminServiceDefinition } from '@plaza/proto/plaza/feed/v1/feed_admin_service';
import { FeedServiceDefinition } from '@plaza/proto/plaza/feed/v1/feed_service';
import { NotificationServiceDefinition } from '@plaza/proto/plaza/feed/v1/notification_service';
import { PostServiceDefinition } from '@plaza/proto/plaza/feed/v1/post_service';

import type { FeedConfig } from './config.ts';
import { COUNTING } from './consumers/count-posts.ts';
import { createDeps } from './deps.ts';
import { feedAdminHandlers, feedHandlers, notificationHandlers, postHandlers } from './handlers/index.ts';
import { feedAccess } from './store/access.ts';
import { postsTable } from './store/table.ts';
import { connect, SERVICE, type Overrides } from './wiring.ts';

/** When the bus was away, all streams of notifications look for what they missed within this time. */
const CATCH_UP_MS = 3_000;

export interface App {
  readonly port: number;
  readonly adminPort: number;
  close(): Promise<void>;
}

/** The service: posts and home feeds, and the relay of their events. The worker is its other half, see worker-app.ts. */
export const createApp = async (config: FeedConfig, overrides: Overrides = {}): Promise<App> => {
  const now = overrides.now ?? systemClock;
  const parts = await connect(config, feedAccess, now);
  const { db, bus, feeds, peers, deadLetters, log, metrics } = parts;
  const relay = createRelay({ bus, owner: SERVICE, store: createOutboxStore(db, postsTable), log, metrics });
  const pageTokens = createPageTokens(config.pageSecret);
  const noticeHub = createHub();
  const deps = createDeps({
    db,
    redis: parts.redis,
    namespace: config.namespace,
    relay,
    tasks: bus,
    feeds,
    peers,
    audiences: parts.graph,
    pageTokens,
    // In this order: what has left the outbox is on the bus.
    areAllCounted: async (ctx: Context) =>
      (await relay.status(ctx)).pending === 0 && (await eventBacklog({ bus, owner: SERVICE, log }, COUNTING)) === 0,
    log,
    metrics,
    now,
    newId,
    noticeHub,
  });
  const ears = hearSignals({
    bus,
    type: notificationSignal,
    log,
    hear: ({ userId }) => noticeHub.wake(userId),
    joined: () => noticeHub.wakeAll(CATCH_UP_MS),
  });
  const { arrivals } = deps.liveFeeds;
  const hearing = hearSignals({ bus, type: feedSignal, log, hear: (it) => arrivals.hear(it), joined: () => arrivals.joined() });
  const watch = watchRevocations({ bus, log, metrics });
  const server = await startServer({
    ...config,
    service: SERVICE,
    services: [
      bind(PostServiceDefinition, postHandlers(deps)),
      bind(FeedServiceDefinition, feedHandlers(deps)),
      bind(NotificationServiceDefinition, notificationHandlers(deps)),
      bind(FeedAdminServiceDefinition, feedAdminHandlers(deps)),
      // Dead letters of the worker too: they lie in the same table, and redriving takes the bus alone.
      bind(EventAdminServiceDefinition, eventAdminHandlers({ service: SERVICE, relay, deadLetters, pageTokens })),
    ],
    verifier: parts.verifier,
    limiter: createRateLimiter({ redis: parts.redis, namespace: config.namespace, factor: config.rateLimits, now }),
    sessions: createSessionGuard({ watch, ask: parts.askSession, log, metrics }),
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
      watch.close();
      ears.close();
      hearing.close();
      await relay.close();
      await parts.close();
    },
  };
};
