import { connectRedis } from '@plaza/cache';
import { askSession, graphClients, productClients, userClients } from '@plaza/clients';
import { backgroundContext, type Clock } from '@plaza/core';
import { type Access, connectDb, createDeadLetterStore } from '@plaza/dynamo';
import { connectBus } from '@plaza/events';
import { createLog, createMetrics, createSigner, createVerifier, serviceToken } from '@plaza/rpc';

import type { FeedConfig } from './config.ts';
import type { Thresholds } from './domain/home/mode.ts';
import { createFeeds } from './feeds.ts';
import { createPeers } from './peers.ts';
import { homeFeedTable, postsTable } from './store/table.ts';

export const SERVICE = 'feed';
const START_MS = 30_000;

export interface Overrides {
  readonly now?: Clock;
  /** From when on people are pulled. */
  readonly thresholds?: Thresholds;
}

/** What service and worker have in common. Connections are made in the background: an engine that is away delays nothing but itself. */
export const connect = async (config: FeedConfig, access: Access, now: Clock) => {
  const { namespace } = config;
  const log = createLog({ service: SERVICE, level: config.logLevel });
  const metrics = createMetrics();
  const db = connectDb({ ...config, access, log, metrics });
  if (config.createTables) {
    const ctx = backgroundContext({ method: 'feed.start', timeoutMs: START_MS, log });
    await Promise.all([postsTable, homeFeedTable].map((table) => db.createTable(ctx, table)));
  }
  const redis = connectRedis({ ...config, owner: SERVICE, url: config.redisUrl, log, metrics });
  const bus = connectBus({ ...config, owner: SERVICE, url: config.natsUrl, log, metrics });
  const token = serviceToken(createSigner({ issuer: SERVICE, signingKey: config.signingKey }));
  const user = userClients({ address: config.userAddress, token, tls: config.tls, log, metrics });
  const product = productClients({ address: config.productAddress, token, tls: config.tls, log, metrics });
  const graph = graphClients({ address: config.graphAddress, token, tls: config.tls, log, metrics });

  return {
    log,
    metrics,
    db,
    redis,
    bus,
    graph: graph.graph,
    users: user.users,
    peers: createPeers({ users: user.users, products: product.products, graph: graph.graph }),
    feeds: createFeeds({ db, redis, namespace, graph: graph.graph, tasks: bus, now }),
    askSession: askSession(user),
    deadLetters: createDeadLetterStore(db, postsTable),
    verifier: createVerifier(config.verifyKeys),
    status: () => ({ busConnected: bus.connected(), redisUp: redis.up() }),
    close: async () => {
      for (const peer of [user, product, graph]) peer.close();
      await bus.close();
      await redis.close();
      db.close();
    },
  };
};
