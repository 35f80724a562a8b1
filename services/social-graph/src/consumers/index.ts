import { ERASE_MS, type UserClients } from '@plaza/clients';
import type { Clock } from '@plaza/core';
import { followCreated, followRemoved, followsImported, userErasureRequested, type Consumers } from '@plaza/events';

import type { CountStore } from '../store/count-store.ts';
import type { ErasureStore } from '../store/erasure-store.ts';
import { countFollowers } from './count-followers.ts';
import { eraseUser } from './erase-user.ts';

export interface Deps {
  readonly counts: CountStore;
  readonly erasures: ErasureStore;
  readonly users: Pick<UserClients['users'], 'reportErasure'>;
  readonly now: Clock;
}

export const addConsumers = (consumers: Consumers, deps: Deps): void => {
  // Our own events, back from the bus: the count of a famous person's followers must not slow down those who follow.
  consumers.on(
    followCreated,
    countFollowers(deps, 'graph-count-follow', 1, ({ followeeId }) => [followeeId]),
  );
  consumers.on(
    followsImported,
    countFollowers(deps, 'graph-count-import', 1, ({ followeeIds }) => followeeIds),
  );
  consumers.on(
    followRemoved,
    countFollowers(deps, 'graph-count-unfollow', -1, ({ followeeId }) => [followeeId]),
  );
  consumers.on(userErasureRequested, {
    durable: 'graph-erase-user',
    handle: eraseUser(deps),
    concurrency: 2,
    ackWaitMs: ERASE_MS,
  });
};
