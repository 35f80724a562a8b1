import { connectRedis, createRateLimiter } from '@plaza/cache';
import { askSession, productClients, userClients } from '@plaza/clients';
import { backgroundContext, type Clock, createHub, createPageTokens, newId, systemClock } from '@plaza/core';
import { connectDb, createDeadLetterStore, createOutboxStore, type Db } from '@plaza/dynamo';
import { connectBus, createConsumers, createRelay, eventAdminHandlers, listen, watchRevocations } from '@plaza/events';
import { EventAdminServiceDefinition } from '@plaza/proto/plaza/common/v1/event_admin_service';
import { CartServiceDefinition } from '@plaza/proto/plaza/order/v1/cart_service';
import { OrderServiceDefinition } from '@plaza/proto/plaza/order/v1/order_service';
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

import { createCatalogue } from './catalogue.ts';
import type { OrderConfig } from './config.ts';
import { addConsumers } from './consumers/index.ts';
import { cartHandlers, orderHandlers } from './handlers/index.ts';
import { walletPayments } from './payments/wallet.ts';
import { createDriver } from './saga/driver.ts';
import { createSaga } from './saga/saga.ts';
import { createShareDriver } from './share/driver.ts';
import { access } from './store/access.ts';
import { createCartStore } from './store/cart-store.ts';
import { createErasureStore } from './store/erasure-store.ts';
import { createFulfilmentStore } from './store/fulfilment-store.ts';
import { createHistoryStore } from './store/history-store.ts';
import { createOrderLists } from './store/order-lists.ts';
import { createOrderStore } from './store/order-store.ts';
import { createRefundStore } from './store/refund-store.ts';
import { createSagaStore } from './store/saga-store.ts';
import { createShareStore } from './store/share-store.ts';
import { orderTable } from './store/table.ts';

const SERVICE = 'order';

export interface App {
  readonly port: number;
  readonly adminPort: number;
  /** For tests, which look at the rows themselves. */
  readonly db: Db;
  close(): Promise<void>;
}

/** Builds the service by hand and starts it. What was opened is closed in reverse order, also when a later step fails. */
export const createApp = async (config: OrderConfig, { now = systemClock }: { now?: Clock } = {}): Promise<App> => {
  await using opened = new AsyncDisposableStack();
  const { namespace } = config;
  const log = createLog({ service: SERVICE, level: config.logLevel });
  const metrics = createMetrics();

  const db = connectDb({ ...config, access, log, metrics });
  opened.defer(() => db.close());
  if (config.createTables) await db.createTable(backgroundContext({ method: 'order.start', timeoutMs: 30_000, log }), orderTable);
  const redis = opened.adopt(connectRedis({ ...config, owner: SERVICE, url: config.redisUrl, log, metrics }), (it) => it.close());
  const bus = opened.adopt(connectBus({ ...config, owner: SERVICE, url: config.natsUrl, log, metrics }), (it) => it.close());
  const outbox = createOutboxStore(db, orderTable);
  const relay = opened.adopt(createRelay({ bus, owner: SERVICE, store: outbox, log, metrics }), (it) => it.close());
  // By real time, which is the peers' too: a test's clock must not make tokens of the future.
  const token = serviceToken(createSigner({ issuer: SERVICE, signingKey: config.signingKey, now: systemClock }));
  const user = opened.adopt(userClients({ address: config.userAddress, token, tls: config.tls, log, metrics }), (it) =>
    it.close(),
  );
  const product = opened.adopt(productClients({ address: config.productAddress, token, tls: config.tls, log, metrics }), (it) =>
    it.close(),
  );

  const pageTokens = createPageTokens(config.pageSecret);
  const hub = createHub();
  opened.adopt(listen({ bus, owner: SERVICE, log, hear: ({ aggregateId }) => hub.wake(aggregateId) }), (it) => it.close());
  const stores = { db, relay, now, changed: hub.wake };
  const orders = createOrderStore({ ...stores, shareDelayMs: config.shareDelayMs });
  const shares = createShareStore(stores);
  const fulfilments = createFulfilmentStore(stores);
  const refunds = createRefundStore(stores);
  const sagas = createSagaStore(stores);
  const [lists, history] = [createOrderLists({ db }), createHistoryStore({ db })];
  const { inventory, products } = product;
  const { wallets } = user;
  const payments = walletPayments(wallets);
  const saga = createSaga({ orders, refunds, sagas, inventory, payments, log, metrics, now, random: Math.random });
  opened.defer(() => saga.close());
  const carts = createCartStore({ db, now, newId: () => newId() });
  const catalogue = createCatalogue(products);
  const reads = { orders, lists, history, hub, pageTokens };
  const handlerDeps = { ...reads, shares, fulfilments, refunds, saga, carts, catalogue, wallets, now, newId: () => newId() };

  const deadLetters = createDeadLetterStore(db, orderTable);
  const consumers = opened.adopt(createConsumers({ bus, service: SERVICE, deadLetters, log, metrics }), (it) => it.close());
  addConsumers(consumers, { erasures: createErasureStore({ db, now }), users: user.users, now });
  consumers.start();
  const driver = opened.adopt(createDriver({ sagas, saga, log, metrics, now }), (it) => it.close());
  driver.start();
  const sharing = createShareDriver({ shares, orders, users: user.users, log, metrics, now });
  opened.defer(() => sharing.close());
  sharing.start();
  const watch = opened.adopt(watchRevocations({ bus, log, metrics }), (it) => it.close());
  const server = await startServer({
    ...config,
    service: SERVICE,
    services: [
      bind(OrderServiceDefinition, orderHandlers(handlerDeps)),
      bind(CartServiceDefinition, cartHandlers(handlerDeps)),
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
