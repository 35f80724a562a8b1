import type { Env } from '@plaza/core';
import type { Access, Table } from '@plaza/dynamo';
import { feedAccess, workerAccess } from '@plaza/feed/access';
import { loadConfig as feedConfig } from '@plaza/feed/config';
import { homeFeedTable, postsTable } from '@plaza/feed/table';
import { access as orderAccess } from '@plaza/order/access';
import { loadConfig as orderConfig } from '@plaza/order/config';
import { orderTable } from '@plaza/order/table';
import { access as productAccess } from '@plaza/product/access';
import { loadConfig as productConfig } from '@plaza/product/config';
import { products } from '@plaza/product/table';
import { access as graphAccess } from '@plaza/social-graph/access';
import { loadConfig as graphConfig } from '@plaza/social-graph/config';
import { graph } from '@plaza/social-graph/table';
import { access as userAccess } from '@plaza/user/access';
import { loadConfig as userConfig } from '@plaza/user/config';
import { usersTable } from '@plaza/user/table';

export type ServiceName = 'user' | 'product' | 'order' | 'social-graph' | 'feed';
export type ProcessName = ServiceName | 'feed-worker';

/** What runs in a cluster, each as pods of its own. */
export interface Process {
  readonly name: ProcessName;
  /** Whose identity, tables and image it has. */
  readonly service: ServiceName;
  /** From the root of the repository. */
  readonly entry: string;
  readonly loadConfig: (env: Env) => unknown;
  /** Tables that it reads and writes. */
  readonly tables: readonly Table[];
}

/** Every process listens on the same ports; each has an address of its own. */
export const PORTS = { grpc: 7000, admin: 7100, health: 7200 } as const;

const feedTables = [postsTable, homeFeedTable];

export const TOPOLOGY: readonly Process[] = [
  { name: 'user', service: 'user', entry: 'services/user/src/main.ts', loadConfig: userConfig, tables: [usersTable] },
  { name: 'product', service: 'product', entry: 'services/product/src/main.ts', loadConfig: productConfig, tables: [products] },
  { name: 'order', service: 'order', entry: 'services/order/src/main.ts', loadConfig: orderConfig, tables: [orderTable] },
  {
    name: 'social-graph',
    service: 'social-graph',
    entry: 'services/social-graph/src/main.ts',
    loadConfig: graphConfig,
    tables: [graph],
  },
  { name: 'feed', service: 'feed', entry: 'services/feed/src/main.ts', loadConfig: feedConfig, tables: feedTables },
  { name: 'feed-worker', service: 'feed', entry: 'services/feed/src/worker.ts', loadConfig: feedConfig, tables: feedTables },
];

/** The variables that a configuration reads, found by letting it read an environment that has none. */
export const variablesOf = ({ loadConfig }: Pick<Process, 'loadConfig'>): readonly string[] => {
  const read = new Set<string>();
  const env = new Proxy({} as Record<string, string>, {
    get: (_, name) => {
      if (typeof name === 'string') read.add(name);
      return undefined;
    },
  });
  try {
    loadConfig(env);
  } catch {
    // It misses nearly all of them, and says so after it has asked for each.
  }
  return [...read].toSorted();
};

const ADDRESSES: Readonly<Record<string, ServiceName>> = {
  USER_ADDRESS: 'user',
  PRODUCT_ADDRESS: 'product',
  ORDER_ADDRESS: 'order',
  GRAPH_ADDRESS: 'social-graph',
  FEED_ADDRESS: 'feed',
};

/** The services that a process calls: those whose addresses its configuration asks for. */
export const peersOf = (process: Pick<Process, 'loadConfig'>): readonly ServiceName[] =>
  variablesOf(process).flatMap((name) => ADDRESSES[name] ?? []);

const ACCESS: Readonly<Record<ProcessName, Access>> = {
  user: userAccess,
  product: productAccess,
  order: orderAccess,
  'social-graph': graphAccess,
  feed: feedAccess,
  'feed-worker': workerAccess,
};

/** All that a process may do with its tables. */
export const accessOf = (name: ProcessName): Access => ACCESS[name];

/**
 * Every table of Plaza once; those of who calls before those of who is called. Read in this order, an order is never further than
 * the stock and the money of which it tells.
 */
export const tablesOf = (): readonly Table[] => [
  ...new Set(TOPOLOGY.toSorted((a, b) => peersOf(b).length - peersOf(a).length).flatMap(({ tables }) => tables)),
];
