import { connectRedis, createRateLimiter } from '@plaza/cache';
import { askSession, createPresence, userClients } from '@plaza/clients';
import { backgroundContext, createPageTokens, newId, systemClock, type Clock } from '@plaza/core';
import { connectDb, createDeadLetterStore, createOutboxStore, type Db } from '@plaza/dynamo';
import { connectBus, createConsumers, createRelay, eventAdminHandlers, watchRevocations } from '@plaza/events';
import { EventAdminServiceDefinition } from '@plaza/proto/plaza/common/v1/event_admin_service';
import { InventoryServiceDefinition } from '@plaza/proto/plaza/product/v1/inventory_service';
import { ProductServiceDefinition } from '@plaza/proto/plaza/product/v1/product_service';
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

import type { ProductConfig } from './config.ts';
import { addConsumers } from './consumers/index.ts';
import { createExpiryDriver } from './expiry/driver.ts';
import { inventoryHandlers, productHandlers, type Deps } from './handlers/index.ts';
import { access } from './store/access.ts';
import { products as productTable } from './store/table.ts';
import { createStores } from './stores.ts';
import { createStorefront } from './storefront.ts';

const SERVICE = 'product';
export interface App {
  readonly port: number;
  readonly adminPort: number;
  /** For tests, which look at the rows themselves. */
  readonly db: Db;
  close(): Promise<void>;
}

/** Builds the service by hand and starts it. What was opened is closed in reverse order, also when a later step fails. */
export const createApp = async (config: ProductConfig, { now = systemClock }: { now?: Clock } = {}): Promise<App> => {
  await using opened = new AsyncDisposableStack();
  const { namespace } = config;
  const log = createLog({ service: SERVICE, level: config.logLevel });
  const metrics = createMetrics();

  const db = connectDb({ ...config, access, log, metrics });
  opened.defer(() => db.close());
  if (config.createTables)
    await db.createTable(backgroundContext({ method: 'product.start', timeoutMs: 30_000, log }), productTable);
  const redis = opened.adopt(connectRedis({ ...config, owner: SERVICE, url: config.redisUrl, log, metrics }), (it) => it.close());
  const bus = opened.adopt(connectBus({ ...config, owner: SERVICE, url: config.natsUrl, log, metrics }), (it) => it.close());
  const outbox = createOutboxStore(db, productTable);
  const relay = opened.adopt(createRelay({ bus, owner: SERVICE, store: outbox, log, metrics }), (it) => it.close());
  // By real time, which is the peer's too: a test's clock must not make tokens of the future.
  const token = serviceToken(createSigner({ issuer: SERVICE, signingKey: config.signingKey, now: systemClock }));
  const user = opened.adopt(userClients({ address: config.userAddress, token, tls: config.tls, log, metrics }), (it) =>
    it.close(),
  );

  const pageTokens = createPageTokens(config.pageSecret);
  const stores = createStores({ db, redis, relay, tasks: bus, namespace, now, metrics });
  const storefront = createStorefront({ ...stores, presence: createPresence({ users: user.users }) });
  const deps: Deps = { ...stores, storefront, users: user.users, pageTokens, now, newId: () => newId() };

  const deadLetters = createDeadLetterStore(db, productTable);
  const consumers = opened.adopt(createConsumers({ bus, service: SERVICE, deadLetters, log, metrics }), (it) => it.close());
  addConsumers(consumers, { ...stores, users: user.users, now });
  consumers.start();
  const expiry = opened.adopt(createExpiryDriver({ ...stores, log, metrics, now }), (it) => it.close());
  expiry.start();
  const watch = opened.adopt(watchRevocations({ bus, log, metrics }), (it) => it.close());
  const server = await startServer({
    ...config,
    service: SERVICE,
    services: [
      bind(ProductServiceDefinition, productHandlers(deps)),
      bind(InventoryServiceDefinition, inventoryHandlers(deps)),
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
