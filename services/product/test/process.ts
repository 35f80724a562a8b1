import { newId, noMetrics, silentLog } from '@plaza/core';
import { connectDb, type Db } from '@plaza/dynamo';
import {
  freePort,
  ROOT,
  serviceEnv,
  spawnService,
  startEngines,
  testKeys,
  uniqueNamespace,
  type Endpoints,
  type ServiceProcess,
} from '@plaza/testing';

import { clientsOf, startUserPeer } from './world.ts';

/** Product services as processes, which can be killed, over one table. */
export interface Processes {
  readonly sellerId: string;
  readonly services: readonly { readonly process: ServiceProcess; readonly callers: ReturnType<typeof clientsOf> }[];
  /** The table itself. */
  readonly db: Db;
  close(): Promise<void>;
}

/** `change` sees the engines and may put a proxy in front of one. */
export const startProcesses = async (options: {
  count: number;
  crashAt?: string;
  change?: (engines: Endpoints) => Promise<Partial<Endpoints>>;
}): Promise<Processes> => {
  await using opened = new AsyncDisposableStack();
  const engines = opened.adopt(await startEngines(), (it) => it.close());
  const sellerId = newId();
  const peer = opened.adopt(await startUserPeer(new Set([sellerId])), (it) => it.close());
  const [namespace, pageSecret] = [uniqueNamespace(), newId()];
  const { dynamodbEndpoint, redisUrl, natsUrl } = engines;
  const endpoints = { dynamodbEndpoint, redisUrl, natsUrl, ...(await options.change?.(engines)) };
  const nowhere = '127.0.0.1:1';
  const addresses = { user: peer.address, product: nowhere, order: nowhere, 'social-graph': nowhere, feed: nowhere };
  const { keyring } = testKeys();
  const start = async () => {
    const [port, adminPort] = [await freePort(), await freePort()];
    const env = serviceEnv({ name: 'product', endpoints, namespace, keyring, pageSecret, port, adminPort, addresses });
    const entry = `${ROOT}/services/product/src/main.ts`;
    const spawned = await spawnService({ name: 'product', entry, env: { ...env, CRASH_AT: options.crashAt ?? '' } });
    const process = opened.adopt(spawned, async (it) => void (await it.stop()));
    return { process, callers: opened.adopt(clientsOf(`127.0.0.1:${port}`), (it) => it.close()) };
  };
  const services = [];
  for (let i = 0; i < options.count; i++) services.push(await start());
  const table = { dynamodbEndpoint, awsRegion: 'us-east-1', awsAccessKeyId: 'product', namespace };
  const db = opened.adopt(connectDb({ ...table, log: silentLog, metrics: noMetrics }), (it) => it.close());
  const running = opened.move();
  return { sellerId, services, db, close: () => running.disposeAsync() };
};
