import { connectRedis, createRateLimiter } from '@plaza/cache';
import { askSession, userClients } from '@plaza/clients';
import { backgroundContext, createPageTokens, systemClock, type Clock } from '@plaza/core';
import { connectDb, createDeadLetterStore, createOutboxStore, type Db } from '@plaza/dynamo';
import { connectBus, createConsumers, createRelay, eventAdminHandlers, watchRevocations } from '@plaza/events';
import { EventAdminServiceDefinition } from '@plaza/proto/plaza/common/v1/event_admin_service';
import { SocialGraphServiceDefinition } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import {
  bind,
  createLog,
  createMetrics,
  createSessionGuard,
  createSigner,
  createVerifier,
  serviceToken,
  startServer,
} from '@plaza/rpc';

import type { GraphConfig } from './config.ts';
import { addConsumers, COUNTING } from './consumers/index.ts';
import { graphHandlers, type Deps } from './handlers/index.ts';
import { createReadList } from './listing.ts';
import { createPeople } from './people.ts';
import { access } from './store/access.ts';
import { createAudienceStore } from './store/audience-store.ts';
import { createCircleCache } from './store/circles.ts';
import { createCountStore } from './store/count-store.ts';
import { createErasureStore } from './store/erasure-store.ts';
import { createGrantStore } from './store/grant-store.ts';
import { createImportStore } from './store/import-store.ts';
import { createListStore } from './store/list-store.ts';
import { createReverseStore } from './store/reverse-store.ts';
import { createMutualStore } from './store/mutual-store.ts';
import { createReceiptStore } from './store/receipt-store.ts';
import { createRecountStore } from './store/recount-store.ts';
import { createSight } from './store/sight-store.ts';
import { createStandingStore } from './store/standing-store.ts';
import { createSuggestionStore } from './store/suggestion-store.ts';
import { graph as graphTable } from './store/table.ts';
import { createTieStore } from './store/tie-store.ts';

/** As in the names of its events, errors and consumers. */
const SERVICE = 'graph';
/** As peers know it by its tokens. */
const ISSUER = 'social-graph';

export interface App {
  readonly port: number;
  readonly adminPort: number;
  /** For tests, which look at the rows themselves. */
  readonly db: Db;
  close(): Promise<void>;
}

/** Builds the service by hand and starts it. What was opened is closed in reverse order, also when a later step fails. */
export const createApp = async (config: GraphConfig, overrides: { now?: Clock } = {}): Promise<App> => {
  const { now = systemClock } = overrides;
  await using opened = new AsyncDisposableStack();
  const { namespace, followLimit } = config;
  const log = createLog({ service: ISSUER, level: config.logLevel });
  const metrics = createMetrics();

  const db = connectDb({ ...config, access, log, metrics });
  opened.defer(() => db.close());
  if (config.createTables) await db.createTable(backgroundContext({ method: 'graph.start', timeoutMs: 30_000, log }), graphTable);
  const redis = opened.adopt(connectRedis({ ...config, owner: SERVICE, url: config.redisUrl, log, metrics }), (it) => it.close());
  const bus = opened.adopt(connectBus({ ...config, owner: SERVICE, url: config.natsUrl, log, metrics }), (it) => it.close());
  const outbox = createOutboxStore(db, graphTable);
  const deadLetters = createDeadLetterStore(db, graphTable);
  const relay = opened.adopt(createRelay({ bus, owner: SERVICE, store: outbox, log, metrics }), (it) => it.close());
  const token = serviceToken(createSigner({ issuer: ISSUER, signingKey: config.signingKey, now }));
  const user = opened.adopt(userClients({ address: config.userAddress, token, tls: config.tls, log, metrics }), (it) =>
    it.close(),
  );

  const pageTokens = createPageTokens(config.pageSecret);
  const consumers = opened.adopt(createConsumers({ bus, service: SERVICE, deadLetters, log, metrics }), (it) => it.close());
  const counts = createCountStore({ db, now });
  const standings = createStandingStore({ db });
  const ties = createTieStore({ db, relay, now });
  const lists = createListStore({ db });
  const sight = createSight({ db, circles: createCircleCache({ redis, namespace }), standings, metrics });
  const deps: Deps = {
    ties,
    lists,
    readList: createReadList({ lists, sight, pageTokens }),
    sight,
    audiences: createAudienceStore({ db, sight }),
    reverse: createReverseStore({ db }),
    counts,
    standings,
    imports: createImportStore({ db, relay, now, followLimit }),
    people: createPeople({ users: user.users }),
    users: user.users,
    pageTokens,
    followLimit,
    now,
    receipts: createReceiptStore({ db, now }),
    recounts: createRecountStore({ db, lists }),
    // In this order: what has left the outbox is on the bus.
    areAllCounted: async (ctx) => (await relay.status(ctx)).pending === 0 && (await consumers.backlog(COUNTING)) === 0,
    mutuals: createMutualStore({ db, lists }),
    suggestions: createSuggestionStore({ lists, redis, namespace, now }),
  };

  addConsumers(consumers, {
    counts,
    erasures: createErasureStore({ db, relay, now }),
    users: user.users,
    now,
    standings,
    grants: createGrantStore({ db, relay, now, lists, standings, followLimit }),
  });
  consumers.start();
  const watch = opened.adopt(watchRevocations({ bus, log, metrics }), (it) => it.close());
  const server = await startServer({
    ...config,
    service: SERVICE,
    services: [
      bind(SocialGraphServiceDefinition, graphHandlers(deps)),
      bind(EventAdminServiceDefinition, eventAdminHandlers({ service: SERVICE, relay, deadLetters, consumers, pageTokens })),
    ],
    verifier: createVerifier(config.verifyKeys, now),
    sessions: createSessionGuard({ watch, ask: askSession(user), log, metrics }),
    log,
    metrics,
    limiter: createRateLimiter({ redis, namespace, factor: config.rateLimits, now }),
    status: async () => ({ bus: bus.connected(), cache: redis.up() }),
  });
  opened.defer(() => server.close());
  log.info('service.started', { port: server.port, adminPort: server.adminPort });

  const running = opened.move();
  return { port: server.port, adminPort: server.adminPort, db, close: () => running.disposeAsync() };
};
