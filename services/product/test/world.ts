import { productClients, type ProductClients } from '@plaza/clients';
import {
  AppError,
  backoffMs,
  isAppError,
  moneyOf,
  newId,
  noMetrics,
  pause,
  remainingMs,
  silentLog,
  systemClock,
  type Clock,
  type Context,
} from '@plaza/core';
import { createOutboxStore, type Db } from '@plaza/dynamo';
import { UserServiceDefinition, User, type ReportErasureRequest } from '@plaza/proto/plaza/user/v1/user_service';
import type { CreateProductRequest } from '@plaza/proto/plaza/product/v1/product_service';
import { type DeepPartial } from '@plaza/rpc';
import {
  asAdmin,
  startEngines,
  bindSome,
  startPeer,
  testContext,
  testKeys,
  uniqueNamespace,
  type Endpoints,
  type Peer,
  asItself,
} from '@plaza/testing';

import { createApp, type App } from '../src/app.ts';
import type { ProductConfig } from '../src/config.ts';
import type { Stock } from '../src/domain/stock.ts';
import { contentOf, keys, products as productTable } from '../src/store/table.ts';

/** The product service with real engines behind it and a user service that knows only `sellerId`. */
export interface World extends Omit<ProductClients, 'close'> {
  readonly app: App;
  readonly sellerId: string;
  /** Whom the user service knows. */
  readonly people: Set<string>;
  /** The user service answers nothing while this is set. */
  readonly away: { user: boolean };
  /** What was reported to the user service. */
  readonly reports: ReportErasureRequest[];
  readonly config: ProductConfig;
  /** Lists a product of the seller by the import; answers its id. */
  list(fields?: DeepPartial<CreateProductRequest>): Promise<string>;
  /** What the table says, past every cache. */
  stockOf(productId: string): Promise<Pick<Stock, 'onHand' | 'reserved' | 'available'>>;
  /** Names of the published events about these products and orders: they are in the archive. */
  published(ids: readonly string[]): Promise<string[]>;
  close(): Promise<void>;
}

/** `change` sees the engines and may put others, or a proxy, in their place. `now` is the service's clock. */
export const startWorld = async (
  change: (engines: Endpoints) => Promise<Partial<ProductConfig>> = async () => ({}),
  now: Clock = systemClock,
): Promise<World> => {
  await using opened = new AsyncDisposableStack();
  const engines = opened.adopt(await startEngines(), (it) => it.close());
  const sellerId = newId();
  const people = new Set([sellerId]);
  const away = { user: false };
  const reports: ReportErasureRequest[] = [];
  const peer = opened.adopt(await startUserPeer(people, away, reports), (it) => it.close());
  const config = asItself('product', { ...configOf(engines, peer), ...(await change(engines)) });
  const app = opened.adopt(await createApp(config, { now }), (it) => it.close());
  const clients = opened.adopt(clientsOf(`127.0.0.1:${app.port}`), (it) => it.close());
  const list: World['list'] = async (fields = {}) => {
    const request = { sellerId, name: 'Tea', category: 'tea', price: eur(499), initialStock: 10n, ...fields };
    const { product } = await clients.products.createProduct(asAdmin(), request);
    return product!.productId;
  };
  const running = opened.move();
  return {
    ...clients,
    app,
    sellerId,
    people,
    away,
    reports,
    config,
    list,
    stockOf: async (productId) => {
      const item = await app.db.get(testContext(), productTable, keys.stock(productId));
      const { onHand, reserved, available } = contentOf<Stock>(item!);
      return { onHand, reserved, available };
    },
    published: (ids) => publishedAbout(app.db, ids),
    close: () => running.disposeAsync(),
  };
};

/** Sorted by name. */
export const publishedAbout = async (db: Db, ids: readonly string[]): Promise<string[]> => {
  const names: string[] = [];
  for await (const rows of createOutboxStore(db, productTable).archivedSince(testContext(), 0))
    for (const { aggregateId, subject } of rows) if (ids.includes(aggregateId)) names.push(subject.split('.').at(-1)!);
  return names.toSorted();
};

export const clientsOf = (address: string): ProductClients => {
  const clients = productClients({ address, token: testKeys().tokenOf, log: silentLog, metrics: noMetrics });
  return { products: patient(clients.products), inventory: patient(clients.inventory), close: () => clients.close() };
};

/**
 * Callers as they should be: who hears nothing within the budget, as on a busy machine, or that too many wait, sends the same request
 * again.
 */
const patient = <C extends object>(client: C): C =>
  new Proxy(client, {
    get: (target, name) => async (ctx: Context, request: object) => {
      const call = Reflect.get(target, name) as (ctx: Context, request: object) => Promise<unknown>;
      const repeatable = { requestId: newId(), ...request };
      for (let attempt = 0; ; attempt++) {
        try {
          return await call(ctx, repeatable);
        } catch (error) {
          const unanswered = isAppError(error) && (PASSING.has(error.code) || PASSING.has(error.reason));
          if (!unanswered || remainingMs(ctx) < 100) throw error;
          await pause(error.details.retryAfterMs ?? backoffMs(attempt, 100, 2000));
        }
      }
    },
  });

const PASSING: ReadonlySet<string> = new Set([
  'DEADLINE_EXCEEDED',
  'UNAVAILABLE',
  'PRODUCT_BUSY',
  'OVERLOADED',
  'WRITE_CONFLICT',
]);

/** A user service in which exactly these users exist. */
export const startUserPeer = (
  known: ReadonlySet<string>,
  away = { user: false },
  reports: ReportErasureRequest[] = [],
): Promise<Peer> => {
  const answer = () => {
    if (away.user) throw new AppError('UNAVAILABLE', 'PEER_UNAVAILABLE', 'the test said so', { domain: 'plaza' });
  };
  return startPeer(
    bindSome(UserServiceDefinition, {
      batchGetUsers: async (_ctx, { userIds }) => {
        answer();
        return {
          users: userIds.filter((id) => known.has(id)).map((userId) => User.fromPartial({ userId })),
          missingIds: userIds.filter((id) => !known.has(id)),
        };
      },
      reportErasure: async (_ctx, report) => {
        answer();
        reports.push(report);
        return {};
      },
    }),
  );
};

const configOf = (engines: Endpoints, peer: Peer): ProductConfig => ({
  ...engines,
  listen: '127.0.0.1:0',
  adminListen: '127.0.0.1:0',
  allowPlaintext: false,
  reflection: true,
  logLevel: 'silent',
  namespace: uniqueNamespace(),
  createTables: true,
  awsRegion: 'us-east-1',
  awsAccessKeyId: 'product',
  signingKey: testKeys().keyring.signingKeys['product']!,
  verifyKeys: testKeys().keyring.verifyKeys,
  pageSecret: newId(),
  crashAt: undefined,
  userAddress: peer.address,
  rateLimits: 0,
});

export const eur = (minor: number) => moneyOf({ currency: 'EUR', minor });
export const usd = (minor: number) => moneyOf({ currency: 'USD', minor });
export const asOrder = (timeoutMs = 10_000) => testContext({ caller: { kind: 'service', service: 'order' }, timeoutMs });
