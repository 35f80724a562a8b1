import { ERASE_MS, type UserClients } from '@plaza/clients';
import type { Clock } from '@plaza/core';
import {
  followCreated,
  followRemoved,
  followRequested,
  followsImported,
  userDeleted,
  userErasureRequested,
  userRestored,
  userUpdated,
  type Consumers,
} from '@plaza/events';

import type { CountStore } from '../store/count-store.ts';
import type { ErasureStore } from '../store/erasure-store.ts';
import type { GrantStore } from '../store/grant-store.ts';
import type { StandingStore } from '../store/standing-store.ts';
import { applyPresence } from './apply-presence.ts';
import { applyUpdate } from './apply-update.ts';
import { countFollowers } from './count-followers.ts';
import { eraseUser } from './erase-user.ts';
import { grantLateRequest } from './grant-late-request.ts';

/** All standings move one row: more at a time would mostly run into each other. */
const STANDINGS_AT_A_TIME = 4;

export interface Deps {
  readonly counts: CountStore;
  readonly erasures: ErasureStore;
  readonly users: Pick<UserClients['users'], 'reportErasure'>;
  readonly now: Clock;
  readonly standings: StandingStore;
  readonly grants: GrantStore;
}

/** Those that count followers. */
export const COUNTING = ['graph-count-follow', 'graph-count-import', 'graph-count-unfollow'] as const;
const [COUNT_FOLLOW, COUNT_IMPORT, COUNT_UNFOLLOW] = COUNTING;

export const addConsumers = (consumers: Consumers, deps: Deps): void => {
  // Our own events, back from the bus: the count of a famous person's followers must not slow down those who follow.
  consumers.on(
    followCreated,
    countFollowers(deps, COUNT_FOLLOW, 1, ({ followeeId }) => [followeeId]),
  );
  consumers.on(
    followsImported,
    countFollowers(deps, COUNT_IMPORT, 1, ({ followeeIds }) => followeeIds),
  );
  consumers.on(
    followRemoved,
    countFollowers(deps, COUNT_UNFOLLOW, -1, ({ followeeId }) => [followeeId]),
  );
  consumers.on(userErasureRequested, {
    durable: 'graph-erase-user',
    handle: eraseUser(deps),
    concurrency: 2,
    ackWaitMs: ERASE_MS,
  });
  consumers.on(userUpdated, {
    durable: 'graph-user-updated',
    handle: applyUpdate(deps),
    concurrency: STANDINGS_AT_A_TIME,
    // Somebody whom very many ask to follow goes public; what one try has not reached is left to the next.
    ackWaitMs: ERASE_MS,
  });
  consumers.on(userDeleted, {
    durable: 'graph-user-deleted',
    handle: applyPresence(deps, true),
    concurrency: STANDINGS_AT_A_TIME,
  });
  consumers.on(userRestored, {
    durable: 'graph-user-restored',
    handle: applyPresence(deps, false),
    concurrency: STANDINGS_AT_A_TIME,
  });
  consumers.on(followRequested, { durable: 'graph-grant-late-request', handle: grantLateRequest(deps) });
};
