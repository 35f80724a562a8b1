import { createEntityCache, createRankedSet, type Redis } from '@plaza/cache';
import type { Clock } from '@plaza/core';
import type { Db } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

import type { User } from './domain/user.ts';
import type { Secrets } from './secrets.ts';
import type { TellStanding } from './standings.ts';
import { createCredentialStore } from './store/credential-store.ts';
import { createErasureStore } from './store/erasure-store.ts';
import { createHoldStore } from './store/hold-store.ts';
import { createLifecycleStore } from './store/lifecycle-store.ts';
import { createPreferenceStore } from './store/preference-store.ts';
import { createPurgeStore } from './store/purge-store.ts';
import { createRefundStore } from './store/refund-store.ts';
import { createRevocationStore } from './store/revocation-store.ts';
import { createRevoke } from './store/revoke.ts';
import { scoresOf } from './store/score-rows.ts';
import { createScoreStore } from './store/score-store.ts';
import { createSessionStore } from './store/session-store.ts';
import { createTransferStore } from './store/transfer-store.ts';
import { createUserChangeStore } from './store/user-changes.ts';
import { createUserImport } from './store/user-import.ts';
import { createUserList } from './store/user-list.ts';
import { createUserStore, type Claim } from './store/user-store.ts';
import { createUserWrites } from './store/user-writes.ts';
import { createWalletStore } from './store/wallet-store.ts';

const PROFILE_TTL_MS = 60 * 60_000;
/** Short, because a name may move to another user. */
const CLAIM_TTL_MS = 60_000;
/** What is missing is asked for again and again, by whoever still shows it or looks for a free name. */
const MISSING_TTL_MS = 10_000;
/** Rarely, because a view is read from all rows of its board; often enough that what a dying process did not put into it shows soon. */
const BOARD_TTL_MS = 10 * 60_000;

/** The table behind its caches, by thing. */
export const createStores = (options: {
  db: Db;
  redis: Redis;
  relay: Relay;
  namespace: string;
  secrets: Secrets;
  tellStanding: TellStanding;
  now: Clock;
}) => {
  const { db, redis, relay, namespace, secrets, tellStanding, now } = options;
  const cache = { redis, namespace, negativeTtlMs: MISSING_TTL_MS, versionOf: ({ version }: { version: number }) => version };
  const profiles = createEntityCache<User>({ ...cache, name: 'profile', ttlMs: PROFILE_TTL_MS });
  const claims = createEntityCache<Claim>({ ...cache, name: 'username', ttlMs: CLAIM_TTL_MS });
  const boards = createRankedSet({ redis, namespace, name: 'board', ttlMs: BOARD_TTL_MS, load: scoresOf(db) });

  const users = createUserStore({ db, profiles, claims, relay });
  const write = createUserWrites({ db, users });
  const sessions = createSessionStore({ db, digestOf: (grant) => secrets.digest(secrets.refreshToken(grant)), now });
  const revoke = createRevoke({ db, relay });
  return {
    users,
    imports: createUserImport({ db, users, relay }),
    changes: createUserChangeStore({ write, tellStanding, relay, now }),
    lifecycles: createLifecycleStore({ db, write, revoke, tellStanding, relay, now }),
    purges: createPurgeStore({ db, users, relay, now }),
    erasures: createErasureStore({ db }),
    listing: createUserList({ db }),
    preferences: createPreferenceStore({ db }),
    credentials: createCredentialStore({ db, revoke, now }),
    sessions,
    revocations: createRevocationStore({ db, sessions, revoke, now }),
    wallets: createWalletStore({ db, now }),
    holds: createHoldStore({ db, now }),
    refunds: createRefundStore({ db, now }),
    transfers: createTransferStore({ db, relay }),
    scores: createScoreStore({ db, boards, now }),
  };
};
