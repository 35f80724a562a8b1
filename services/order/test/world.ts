import { type Context, createHub, createPageTokens, newId, noMetrics, silentLog } from '@plaza/core';
import type { Db } from '@plaza/dynamo';
import type { OutboxRow } from '@plaza/events';

import { createCatalogue } from '../src/catalogue.ts';
import { cartHandlers, orderHandlers } from '../src/handlers/index.ts';
import { walletPayments } from '../src/payments/wallet.ts';
import { createDriver } from '../src/saga/driver.ts';
import { createSaga } from '../src/saga/saga.ts';
import { createCartStore } from '../src/store/cart-store.ts';
import { createFulfilmentStore } from '../src/store/fulfilment-store.ts';
import { createHistoryStore } from '../src/store/history-store.ts';
import { createOrderLists } from '../src/store/order-lists.ts';
import { createOrderStore } from '../src/store/order-store.ts';
import { createRefundStore } from '../src/store/refund-store.ts';
import { createSagaStore } from '../src/store/saga-store.ts';
import { createShareStore } from '../src/store/share-store.ts';
import { orderTable } from '../src/store/table.ts';
import type { Peers } from './peers.ts';

export interface ProcessDeps {
  readonly db: Db;
  readonly peers: Peers;
  readonly now: () => number;
}

/** One process of the service without its sockets: the same wiring as app.ts. */
export const createProcess = ({ db, peers, now }: ProcessDeps) => {
  const relay = { nudge: () => undefined };
  const hub = createHub();
  const stores = { db, relay, now, changed: hub.wake };
  const orders = createOrderStore({ ...stores, shareDelayMs: 1000 });
  const shares = createShareStore(stores);
  const fulfilments = createFulfilmentStore(stores);
  const refunds = createRefundStore(stores);
  const sagas = createSagaStore(stores);
  const [lists, history] = [createOrderLists({ db }), createHistoryStore({ db })];
  const { inventory, wallets, products } = peers;
  const payments = walletPayments(wallets);
  const told = { log: silentLog, metrics: noMetrics };
  const saga = createSaga({ orders, refunds, sagas, inventory, payments, ...told, now, random: () => 0 });
  const driver = createDriver({ sagas, saga, ...told, now });
  const pageTokens = createPageTokens('secret');
  const carts = createCartStore({ db, now, newId: () => newId() });
  const catalogue = createCatalogue(products);
  const reads = { orders, lists, history, hub, pageTokens };
  const deps = { ...reads, shares, fulfilments, refunds, saga, carts, catalogue, wallets, now, newId: () => newId() };
  return { orders, lists, sagas, saga, driver, carts, handlers: { ...orderHandlers(deps), ...cartHandlers(deps) } };
};

export type Process = ReturnType<typeof createProcess>;

/** A Db whose calls pass through a gate before and after: where a process may stop for good. */
export const gatedDb = (db: Db, gate: (name: string) => Promise<void>): Db => {
  const through =
    <A extends readonly unknown[], R>(name: string, verb: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await gate(`before ${name}`);
      const answer = await verb(...args);
      await gate(`after ${name}`);
      return answer;
    };
  return {
    get: through('get', (...args: Parameters<Db['get']>) => db.get(...args)),
    batchGet: through('batchGet', (...args: Parameters<Db['batchGet']>) => db.batchGet(...args)),
    query: through('query', (...args: Parameters<Db['query']>) => db.query(...args)),
    count: through('count', (...args: Parameters<Db['count']>) => db.count(...args)),
    write: through('write', (...args: Parameters<Db['write']>) => db.write(...args)),
    transact: through('transact', (...args: Parameters<Db['transact']>) => db.transact(...args)),
    batchWrite: through('batchWrite', (...args: Parameters<Db['batchWrite']>) => db.batchWrite(...args)),
    createTable: (ctx, table) => db.createTable(ctx, table),
  };
};

/** All events in the outbox: of which order, under which name. */
export const outboxOf = async (db: Db, ctx: Context): Promise<{ orderId: string; name: string; version: number }[]> => {
  const shards = Array.from({ length: 4 }, (_, shard) => db.query(ctx, orderTable, { pk: `OX#${shard}` }));
  const rows = (await Promise.all(shards)).flatMap(({ items }) => items as unknown as OutboxRow[]);
  return rows.map(({ aggregateId: orderId, subject, version }) => ({
    orderId,
    name: subject.replace('plaza.order.v1.', ''),
    version,
  }));
};
