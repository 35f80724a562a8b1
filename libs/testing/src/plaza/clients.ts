import {
  feedClients,
  graphClients,
  orderClients,
  productClients,
  userClients,
  type FeedClients,
  type GraphClients,
  type OrderClients,
  type ProductClients,
  type UserClients,
} from '@plaza/clients';
import { noMetrics, silentLog, type Context, type Log, type Tls } from '@plaza/core';

import type { ServiceName } from './names.ts';

/** Every client of every service, side by side: users, sessions, wallets, products, inventory, orders, carts, graph, posts, feed. */
export type PlazaClients = Closeless<UserClients> &
  Closeless<ProductClients> &
  Closeless<OrderClients> &
  Closeless<GraphClients> &
  Closeless<FeedClients> & { close(): void };

type Closeless<T> = Omit<T, 'close'>;

export interface PlazaClientsOptions {
  readonly addresses: Readonly<Record<ServiceName, string>>;
  /** `keys.tokenOf`: the context decides who calls. */
  readonly token: (ctx: Context) => string | undefined;
  /** Whose certificate is shown: the gateway's or the operator's for people's tokens, a service's for its own. Absent: plaintext. */
  readonly tls?: Tls | undefined;
  readonly log?: Log;
}

export const plazaClients = ({ addresses, token, tls, log = silentLog }: PlazaClientsOptions): PlazaClients => {
  const to = (service: ServiceName) => ({ address: addresses[service], token, tls, log, metrics: noMetrics });
  const all = [
    userClients(to('user')),
    productClients(to('product')),
    orderClients(to('order')),
    graphClients(to('social-graph')),
    feedClients(to('feed')),
  ] as const;
  const [user, product, order, graph, feed] = all;
  return { ...user, ...product, ...order, ...graph, ...feed, close: () => all.forEach((clients) => clients.close()) };
};
