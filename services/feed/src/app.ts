import { createRateLimiter } from '@plaza/cache';
import { bind, createSessionGuard, startServer } from '@plaza/rpc';
import { createPageTokens, newId, systemClock } from '@plaza/core';
import { createRelay, eventAdminHandlers, watchRevocations } from '@plaza/events';
import { createOutboxStore } from '@plaza/dynamo';
import { EventAdminServiceDefinition } from '@plaza/proto/plaza/common/v1/event_admin_service';
import { FeedServiceDefinition } from '@plaza/proto/plaza/feed/v1/feed_service';
import { PostServiceDefinition } from '@plaza/proto/plaza/feed/v1/post_service';

import type { FeedConfig } from './config.ts';
import { feedHandlers, postHandlers } from './handlers/index.ts';
import { createReading } from './reading.ts';
import { createPublicDays } from './store/posts/public-days.ts';
import { createPostWriter } from './store/posts/post-writer.ts';
import { createSaleStore } from './store/posts/sale-store.ts';
import { createTagPosts } from './store/posts/tag-posts.ts';
import { createTrending } from './store/posts/trending.ts';
import { createViewQueue } from './store/posts/view-queue.ts';
import { postsTable } from './store/table.ts';
import { connect, SERVICE, type Overrides } from './wiring.ts';

export interface App {
  readonly port: number;
  readonly adminPort: number;
  close(): Promise<void>;
}

/** The service: posts and home feeds, and the relay of their events. The worker is its other half, see worker-app.ts. */
export const createApp = async (config: FeedConfig, overrides: Overrides = {}): Promise<App> => {
  const parts = await connect(config, overrides);
  const { db, bus, homeFeeds, peers, deadLetters, log, metrics } = parts;
  const relay = createRelay({ bus, owner: SERVICE, store: createOutboxStore(db, postsTable), log, metrics });
  const pageTokens = createPageTokens(config.pageSecret);
  const now = overrides.now ?? systemClock;
  const posts = { ...parts.posts, ...createPostWriter({ db, relay, days: createPublicDays({ db }), now, newId }) };
  const reading = createReading({ posts, peers, pageTokens });
  const deps = {
    posts,
    lists: parts.lists,
    reading,
    views: createViewQueue({ tasks: bus, now }),
    trending: createTrending({ db, redis: parts.redis, namespace: config.namespace }),
    tagPosts: createTagPosts(parts),
    sales: createSaleStore({ db, now }),
    homeFeeds,
    peers,
    pageTokens,
    metrics,
    now,
  };
  const watch = watchRevocations({ bus, log, metrics });
  const server = await startServer({
    service: SERVICE,
    listen: config.listen,
    adminListen: config.adminListen,
    allowPlaintext: config.allowPlaintext,
    reflection: config.reflection,
    services: [
      bind(PostServiceDefinition, postHandlers(deps)),
      bind(FeedServiceDefinition, feedHandlers(deps)),
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
      await relay.close();
      await parts.close();
    },
  };
};
