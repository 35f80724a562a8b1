import { ERASE_MS, type UserClients } from '@plaza/clients';
import type { Clock } from '@plaza/core';
import { userErasureRequested, type Consumers } from '@plaza/events';

import type { ErasureStore } from '../store/erasure-store.ts';
import type { SaveErasure } from '../store/save-erasure.ts';
import { eraseUser } from './erase-user.ts';

export interface Deps {
  readonly erasures: ErasureStore;
  readonly saveErasure: SaveErasure;
  readonly users: Pick<UserClients['users'], 'reportErasure'>;
  readonly now: Clock;
}

/** All that this service listens to. */
export const addConsumers = (consumers: Consumers, deps: Deps): void => {
  consumers.on(userErasureRequested, {
    durable: 'product-erase-user',
    handle: eraseUser(deps),
    concurrency: 2,
    ackWaitMs: ERASE_MS,
  });
};
