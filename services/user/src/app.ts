import { connectRedis, createRateLimiter } from '@plaza/cache';
import { graphClients } from '@plaza/clients';
import { backgroundContext, createPageTokens, newId, systemClock, type Clock } from '@plaza/core';
import { connectDb, createDeadLetterStore, createOutboxStore, type Db } from '@plaza/dynamo';
import { connectBus, createConsumers, createRelay, eventAdminHandlers, startBeat, watchRevocations } from '@plaza/events';
import { EventAdminServiceDefinition } from '@plaza/proto/plaza/common/v1/event_admin_service';
import { LeaderboardServiceDefinition } from '@plaza/proto/plaza/user/v1/leaderboard_service';
import { SessionServiceDefinition } from '@plaza/proto/plaza/user/v1/session_service';
import { UserServiceDefinition } from '@plaza/proto/plaza/user/v1/user_service';
import { WalletServiceDefinition } from '@plaza/proto/plaza/user/v1/wallet_service';
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

import type { UserConfig } from './config.ts';
import { addConsumers } from './consumers/index.ts';
import { leaderboardHandlers, sessionHandlers, userHandlers, walletHandlers, type Deps } from './handlers/index.ts';
import { createPasswords } from './passwords.ts';
import { createSecrets } from './secrets.ts';
import { access } from './store/access.ts';
import { usersTable } from './store/table.ts';
import { tellGraph } from './standings.ts';
import { createStores } from './stores.ts';

const SERVICE = 'user';
/**
 * A replica that is cut off from the bus cannot tell that it ended a session, while the others go on beating and are believed.
 * Then one of those finds the event in the outbox: within two intervals and the reading of the shards, below a second.
 */
const OUTBOX_POLL_MS = 300;

export interface App {
  readonly port: number;
  readonly adminPort: number;
  /** For tests, which look at the rows themselves. */
  readonly db: Db;
  close(): Promise<void>;
}

/** Builds the service by hand and starts it. What was opened is closed in reverse order, also when a later step fails. */
export const createApp = async (config: UserConfig, { now = systemClock }: { now?: Clock } = {}): Promise<App> => {
  await using opened = new AsyncDisposableStack();
  const { namespace } = config;
  const log = createLog({ service: SERVICE, level: config.logLevel });
  const metrics = createMetrics();

  const db = connectDb({ ...config, access, log, metrics });
  opened.defer(() => db.close());
  if (config.createTables) await db.createTable(backgroundContext({ method: 'user.start', timeoutMs: 30_000, log }), usersTable);
  const redis = opened.adopt(connectRedis({ ...config, owner: SERVICE, url: config.redisUrl, log, metrics }), (it) => it.close());
  const bus = opened.adopt(connectBus({ ...config, owner: SERVICE, url: config.natsUrl, log, metrics }), (it) => it.close());
  const outbox = createOutboxStore(db, usersTable);
  const relay = opened.adopt(createRelay({ bus, owner: SERVICE, store: outbox, log, metrics, pollMs: OUTBOX_POLL_MS }), (it) =>
    it.close(),
  );

  // By real time, which is the peer's too: a test's clock must not make tokens of the future.
  const token = serviceToken(createSigner({ issuer: SERVICE, signingKey: config.signingKey, now: systemClock }));
  const { graph } = opened.adopt(graphClients({ address: config.graphAddress, token, tls: config.tls, log, metrics }), (it) =>
    it.close(),
  );

  const secrets = createSecrets(config.signingKey);
  const pageTokens = createPageTokens(config.pageSecret);
  const stores = createStores({ db, redis, relay, namespace, secrets, tellStanding: tellGraph(graph), now });
  const deps: Deps = {
    ...stores,
    passwords: opened.adopt(createPasswords({ workers: config.hashWorkers }), (it) => it.close()),
    secrets,
    signer: createSigner({ issuer: SERVICE, signingKey: config.signingKey, now }),
    pageTokens,
    now,
    newId,
  };

  const deadLetters = createDeadLetterStore(db, usersTable);
  const consumers = opened.adopt(createConsumers({ bus, service: SERVICE, deadLetters, log, metrics }), (it) => it.close());
  addConsumers(consumers, { ...stores, now });
  consumers.start();
  const watch = opened.adopt(watchRevocations({ bus, log, metrics }), (it) => it.close());
  const server = await startServer({
    ...config,
    service: SERVICE,
    services: [
      bind(UserServiceDefinition, userHandlers(deps)),
      bind(SessionServiceDefinition, sessionHandlers(deps)),
      bind(WalletServiceDefinition, walletHandlers(deps)),
      bind(LeaderboardServiceDefinition, leaderboardHandlers(deps)),
      bind(EventAdminServiceDefinition, eventAdminHandlers({ service: SERVICE, relay, deadLetters, consumers, pageTokens })),
    ],
    verifier: createVerifier(config.verifyKeys, now),
    sessions: createSessionGuard({ watch, ask: stores.sessions.lives, log, metrics }),
    log,
    metrics,
    limiter: createRateLimiter({ redis, namespace, factor: config.rateLimits, now }),
    status: async () => ({ bus: bus.connected(), cache: redis.up() }),
  });
  opened.defer(() => server.close());
  // Last: whoever hears a beat may ask.
  opened.adopt(startBeat({ bus, owner: SERVICE }), (it) => it.close());
  log.info('service.started', { port: server.port, adminPort: server.adminPort });

  const running = opened.move();
  return { port: server.port, adminPort: server.adminPort, db, close: () => running.disposeAsync() };
};
