import { askSession, productClients, userClients } from '@plaza/clients';
import { backgroundContext, createPageTokens, newId, systemClock, type Clock } from '@plaza/core';
import { connectDb, createDeadLetterStore, createOutboxStore } from '@plaza/dynamo';
import { connectBus, createConsumers, createRelay, eventAdminHandlers, watchRevocations } from '@plaza/events';
import { EventAdminServiceDefinition } from '@plaza/proto/plaza/common/v1/event_admin_service';
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

import type { OrderConfig } from './config.ts';
import { addConsumers } from './consumers/index.ts';
import { orderHandlers } from './handlers/index.ts';
import { createDriver } from './saga/driver.ts';
import { createSaga } from './saga/saga.ts';
import { createErasureStore } from './store/erasure-store.ts';
import { createOrderStore } from './store/order-store.ts';
import { createSagaStore } from './store/saga-store.ts';
import { orderTable } from './store/table.ts';

const SERVICE = 'order';

export interface App {
  readonly port: number;
  readonly adminPort: number;
  close(): Promise<void>;
}

export const createApp = async (config: OrderConfig, overrides: { now?: Clock } = {}): Promise<App> => {
  const { namespace } = config;
  const log = createLog({ service: SERVICE, level: config.logLevel });
  const metrics = createMetrics();
  const db = connectDb({
    endpoint: config.dynamodbEndpoint,
    region: config.awsRegion,
    accessKeyId: config.awsAccessKeyId,
    namespace,
    log,
    metrics,
  });
  if (config.createTables) await db.createTable(backgroundContext({ method: 'order.start', timeoutMs: 30_000, log }), orderTable);
  const bus = connectBus({ url: config.natsUrl, namespace, log, metrics });
  const relay = createRelay({ bus, owner: SERVICE, store: createOutboxStore(db, orderTable), log, metrics });
  const token = serviceToken(createSigner({ issuer: SERVICE, signingKey: config.signingKey }));
  const user = userClients({ address: config.userAddress, token, log, metrics });
  const product = productClients({ address: config.productAddress, token, log, metrics });
  const pageTokens = createPageTokens(config.pageSecret);
  const now = overrides.now ?? systemClock;

  const orders = createOrderStore({ db, relay, now });
  const sagas = createSagaStore({ db, now });
  const { inventory, products } = product;
  const saga = createSaga({ orders, sagas, inventory, wallets: user.wallets, log, metrics, now, random: Math.random });
  const driver = createDriver({ sagas, saga, log, metrics, now });
  const handlers = orderHandlers({ orders, saga, products, pageTokens, now, newId: () => newId() });
  const deadLetters = createDeadLetterStore(db, orderTable);
  const consumers = createConsumers({ bus, service: SERVICE, deadLetters, log, metrics });
  addConsumers(consumers, { erasures: createErasureStore({ db, now }), users: user.users, now });
  const admin = eventAdminHandlers({ service: SERVICE, relay, deadLetters, consumers, pageTokens });
  const watch = watchRevocations({ bus, log, metrics });
  const server = await startServer({
    service: SERVICE,
    listen: config.listen,
    adminListen: config.adminListen,
    allowPlaintext: config.allowPlaintext,
    reflection: config.reflection,
    services: [bind(OrderServiceDefinition, handlers), bind(EventAdminServiceDefinition, admin)],
    verifier: createVerifier(config.verifyKeys),
    sessions: createSessionGuard({ watch, ask: askSession(user), log, metrics }),
    log,
    metrics,
    status: async () => ({ bus: bus.connected() }),
  });
  driver.start();
  consumers.start();
  log.info('service.started', { port: server.port, adminPort: server.adminPort });

  return {
    port: server.port,
    adminPort: server.adminPort,
    close: async () => {
      await server.close();
      watch.close();
      await driver.close();
      await consumers.close();
      await saga.close();
      await relay.close();
      user.close();
      product.close();
      await bus.close();
      db.close();
    },
  };
};
