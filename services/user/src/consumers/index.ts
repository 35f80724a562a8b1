import type { Clock } from '@plaza/core';
import { userDeleted, userErasureRequested, userPurged, userRestored, userUpdated, type Consumers } from '@plaza/events';

import type { ErasureStore } from '../store/erasure-store.ts';
import type { PurgeStore } from '../store/purge-store.ts';
import type { UserStore } from '../store/user-store.ts';
import { eraseAccount } from './erase-account.ts';
import { refreshProfile } from './refresh-profile.ts';

export interface Deps {
  readonly users: Pick<UserStore, 'refresh'>;
  readonly erasures: ErasureStore;
  readonly purges: Pick<PurgeStore, 'get' | 'report'>;
  readonly now: Clock;
}

/** Our own events, back from the bus. */
export const addConsumers = (consumers: Consumers, deps: Deps): void => {
  consumers.on(userErasureRequested, eraseAccount(deps));
  consumers.on(userUpdated, refreshProfile(deps, 'user-refresh-updated'));
  consumers.on(userDeleted, refreshProfile(deps, 'user-refresh-deleted'));
  consumers.on(userRestored, refreshProfile(deps, 'user-refresh-restored'));
  consumers.on(userPurged, refreshProfile(deps, 'user-refresh-purged'));
};
