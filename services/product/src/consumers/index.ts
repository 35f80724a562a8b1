import { ERASE_MS, type UserClients } from '@plaza/clients';
import type { Clock } from '@plaza/core';
import {
  productCreated,
  productDeleted,
  productRestored,
  productUpdated,
  userErasureRequested,
  type Consumers,
} from '@plaza/events';

import type { ErasureStore } from '../store/erasure-store.ts';
import type { ProductStore } from '../store/product-store.ts';
import type { ProjectionStore } from '../store/projection-store.ts';
import { eraseUser } from './erase-user.ts';
import { projectProduct } from './project-product.ts';

export interface Deps {
  readonly erasures: ErasureStore;
  readonly products: Pick<ProductStore, 'refresh'>;
  readonly projections: ProjectionStore;
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
  consumers.on(productCreated, projectProduct(deps, 'product-project-created'));
  consumers.on(productUpdated, projectProduct(deps, 'product-project-updated'));
  consumers.on(productDeleted, projectProduct(deps, 'product-project-deleted'));
  consumers.on(productRestored, projectProduct(deps, 'product-project-restored'));
};
