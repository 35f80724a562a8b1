import { connectRedis, createEntityCache, createRateLimiter } from '@plaza/cache';
import { backgroundContext, createPageTokens, newId, systemClock, type Clock } from '@plaza/core';
import { connectDb, createDeadLetterStore, createOutboxStore, type Db } from '@plaza/dynamo';
import { connectBus, createRelay, eventAdminHandlers } from '@plaza/events';
import { EventAdminServiceDefinition } from '@plaza/proto/plaza/common/v1/event_admin_service';
import { LeaderboardServiceDefinition } from '@plaza/proto/plaza/user/v1/leaderboard_service';
import { SessionServiceDefinition } from '@plaza/proto/plaza/user/v1/session_service';
import { UserServiceDefinition } from '@plaza/proto/plaza/user/v1/user_service';
import { WalletServiceDefinition } from '@plaza/proto/plaza/user/v1/wallet_service';
import { bind, createLog, createMetrics, createSigner, createVerifier, startServer } from '@plaza/rpc';

import type { UserConfig } from './config.ts';
import type { User } from './domain/user.ts';
import { leaderboardHandlers, sessionHandlers, userHandlers, walletHandlers, type Deps } from './handlers/index.ts';
import { createPasswords } from './passwords.ts';
import { createSecrets } from './secrets.ts';
import { createCredentialStore } from './store/credential-store.ts';
import { createHoldStore } from './store/hold-store.ts';
import { createRevocationStore } from './store/revocation-store.ts';
import { createRevoke } from './store/revoke.ts';
import { createSessionStore } from './store/session-store.ts';
import { usersTable } from './store/table.ts';
import { createUserImport } from './store/user-import.ts';
import { createUserStore, type Claim } from './store/user-store.ts';
import { createWalletStore } from './store/wallet-store.ts';

const SERVICE = 'user';
const PROFILE_TTL_MS = 60 * 60_000;
/** Short, because a name may move to another user. */
const CLAIM_TTL_MS = 60_000;
/** Ids are asked for again and again by whoever still shows a missing user; a new id cannot have been asked for. */
const MISSING_TTL_MS = 10_000;

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

  const db = connectDb({
    endpoint: config.dynamodbEndpoint,
    region: config.awsRegion,
    accessKeyId: config.awsAccessKeyId,
    namespace,
    log,
    metrics,
  });
  opened.defer(() => db.close());
  if (config.createTables) await db.createTable(backgroundContext({ method: 'user.start', timeoutMs: 30_000, log }), usersTable);
  const redis = opened.adopt(connectRedis({ url: config.redisUrl, log, metrics }), (it) => it.close());
  const bus = opened.adopt(connectBus({ url: config.natsUrl, namespace, log, metrics }), (it) => it.close());
  const outbox = createOutboxStore(db, usersTable);
  const relay = opened.adopt(createRelay({ bus, owner: SERVICE, store: outbox, log, metrics }), (it) => it.close());

  const profiles = createEntityCache<User>({
    redis,
    namespace,
    name: 'profile',
    ttlMs: PROFILE_TTL_MS,
    negativeTtlMs: MISSING_TTL_MS,
    versionOf: ({ version }) => version,
  });
  const claims = createEntityCache<Claim>({
    redis,
    namespace,
    name: 'username',
    ttlMs: CLAIM_TTL_MS,
    negativeTtlMs: 0,
    versionOf: ({ version }) => version,
  });
  const secrets = createSecrets(config.signingKey);
  const users = createUserStore({ db, profiles, claims, relay });
  const pageTokens = createPageTokens(config.pageSecret);
  const sessions = createSessionStore({ db, digestOf: (grant) => secrets.digest(secrets.refreshToken(grant)), now });
  const revoke = createRevoke({ db, relay });
  const deps: Deps = {
    users,
    imports: createUserImport({ db, users, relay }),
    credentials: createCredentialStore({ db, revoke, now }),
    sessions,
    revocations: createRevocationStore({ db, sessions, revoke, now }),
    wallets: createWalletStore({ db, now }),
    holds: createHoldStore({ db, now }),
    passwords: opened.adopt(createPasswords({ workers: config.hashWorkers }), (it) => it.close()),
    secrets,
    signer: createSigner({ issuer: SERVICE, signingKey: config.signingKey, now }),
    pageTokens,
    now,
    newId,
  };

  const deadLetters = createDeadLetterStore(db, usersTable);
  const server = await startServer({
    service: SERVICE,
    listen: config.listen,
    adminListen: config.adminListen,
    allowPlaintext: config.allowPlaintext,
    reflection: config.reflection,
    services: [
      bind(UserServiceDefinition, userHandlers(deps)),
      bind(SessionServiceDefinition, sessionHandlers(deps)),
      bind(WalletServiceDefinition, walletHandlers(deps)),
      bind(LeaderboardServiceDefinition, leaderboardHandlers(deps)),
      bind(EventAdminServiceDefinition, eventAdminHandlers({ service: SERVICE, relay, deadLetters, pageTokens })),
    ],
    verifier: createVerifier(config.verifyKeys, now),
    log,
    metrics,
    limiter: createRateLimiter({ redis, namespace, factor: config.rateLimits, now }),
    status: async () => ({ bus: bus.connected(), cache: redis.up() }),
  });
  opened.defer(() => server.close());
  log.info('service.started', { port: server.port, adminPort: server.adminPort });

  const running = opened.move();
  return { port: server.port, adminPort: server.adminPort, db, close: () => running.disposeAsync() };
};
