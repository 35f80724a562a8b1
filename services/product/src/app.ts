import { connectRedis, createEntityCache } from '@plaza/cache';
import { userClients } from '@plaza/clients';
import { backgroundContext, createPageTokens, newId, systemClock, type Clock } from '@plaza/core';
import { connectDb, createDeadLetterStore, createOutboxStore } from '@plaza/dynamo';
import { connectBus, createRelay, eventAdminHandlers } from '@plaza/events';
import { EventAdminServiceDefinition } from '@plaza/proto/plaza/common/v1/event_admin_service';
import { InventoryServiceDefinition } from '@plaza/proto/plaza/product/v1/inventory_service';
import { ProductServiceDefinition } from '@plaza/proto/plaza/product/v1/product_service';
import { bind, createLog, createMetrics, createSigner, createVerifier, serviceToken, startServer } from '@plaza/rpc';

import type { ProductConfig } from './config.ts';
import type { Product } from './domain/product.ts';
import type { Stock } from './domain/stock.ts';
import { inventoryHandlers, productHandlers } from './handlers/index.ts';
import { createProductStore } from './store/product-store.ts';
import { createReservationStore } from './store/reservation-store.ts';
import { createStockStore } from './store/stock-store.ts';
import { products } from './store/table.ts';

const SERVICE = 'product';
const PRODUCT_TTL_MS = 5 * 60_000;
/** Displayed stock is at most five seconds old: orders change it without touching the cache. */
const STOCK_TTL_MS = 5000;

export interface App {
  readonly port: number;
  readonly adminPort: number;
  close(): Promise<void>;
}

export const createApp = async (config: ProductConfig, overrides: { now?: Clock } = {}): Promise<App> => {
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
  if (config.createTables) await db.createTable(backgroundContext({ method: 'product.start', timeoutMs: 30_000, log }), products);
  const redis = connectRedis({ url: config.redisUrl, log, metrics });
  const bus = connectBus({ url: config.natsUrl, namespace, log, metrics });
  const relay = createRelay({ bus, owner: SERVICE, store: createOutboxStore(db, products), log, metrics });
  const token = serviceToken(createSigner({ issuer: SERVICE, signingKey: config.signingKey }));
  const user = userClients({ address: config.userAddress, token, log, metrics });
  const pageTokens = createPageTokens(config.pageSecret);

  const deps = {
    products: createProductStore({
      db,
      cache: createEntityCache<Product>({
        redis,
        namespace,
        name: 'product',
        ttlMs: PRODUCT_TTL_MS,
        versionOf: ({ version }) => version,
      }),
      relay,
    }),
    stock: createStockStore({
      db,
      cache: createEntityCache<Stock>({
        redis,
        namespace,
        name: 'stock',
        ttlMs: STOCK_TTL_MS,
        versionOf: ({ version }) => version,
      }),
    }),
    reservations: createReservationStore({ db, relay }),
    users: user.users,
    pageTokens,
    currency: config.currency,
    now: overrides.now ?? systemClock,
    newId: () => newId(),
  };
  const admin = eventAdminHandlers({ service: SERVICE, relay, deadLetters: createDeadLetterStore(db, products), pageTokens });
  const server = await startServer({
    service: SERVICE,
    listen: config.listen,
    adminListen: config.adminListen,
    allowPlaintext: config.allowPlaintext,
    reflection: config.reflection,
    services: [
      bind(ProductServiceDefinition, productHandlers(deps)),
      bind(InventoryServiceDefinition, inventoryHandlers(deps)),
      bind(EventAdminServiceDefinition, admin),
    ],
    verifier: createVerifier(config.verifyKeys),
    log,
    metrics,
    status: async () => ({ bus: bus.connected() }),
  });
  log.info('service.started', { port: server.port, adminPort: server.adminPort });

  return {
    port: server.port,
    adminPort: server.adminPort,
    close: async () => {
      await server.close();
      await relay.close();
      user.close();
      await bus.close();
      await redis.close();
      db.close();
    },
  };
};
