import { orderClients, type OrderClients } from '@plaza/clients';
import { noMetrics, silentLog } from '@plaza/core';
import { testKeys } from '@plaza/testing';

import { createApp, type App } from '../src/app.ts';
import type { OrderConfig } from '../src/config.ts';

/** One process of the service. */
export interface Replica {
  readonly app: App;
  /** Without patience, so that a stream is a stream. */
  readonly orders: OrderClients['orders'];
  readonly carts: OrderClients['carts'];
  close(): Promise<void>;
}

export const clientTo = ({ port }: App) => ({
  address: `127.0.0.1:${port}`,
  token: testKeys().tokenOf,
  log: silentLog,
  metrics: noMetrics,
});

export const startReplica = async (config: OrderConfig): Promise<Replica> => {
  const app = await createApp(config);
  const clients = orderClients(clientTo(app));
  const close = async () => {
    clients.close();
    await app.close();
  };
  return { app, orders: clients.orders, carts: clients.carts, close };
};
