import { ERASE_MS, type UserClients } from '@plaza/clients';
import type { Clock } from '@plaza/core';
import {
  productCreated,
  productDeleted,
  productRestored,
  productSaved,
  productUpdated,
  productViews,
  reservationCommitted,
  reservationReleased,
  userErasureRequested,
  type Consumers,
} from '@plaza/events';

import type { ErasureStore } from '../store/erasure-store.ts';
import type { ProductStore } from '../store/product-store.ts';
import type { ProjectionStore } from '../store/projection-store.ts';
import type { MovementStore } from '../store/movement-store.ts';
import type { SaveErasure } from '../store/save-erasure.ts';
import type { WantStore } from '../store/want-store.ts';
import { countSales } from './count-sales.ts';
import { countSaves } from './count-saves.ts';
import { countViews } from './count-views.ts';
import { eraseUser } from './erase-user.ts';
import { projectProduct } from './project-product.ts';
import { recordInitial } from './record-initial.ts';
import { recordReturns } from './record-returns.ts';
import { recordSales } from './record-sales.ts';

export interface Deps {
  readonly erasures: ErasureStore;
  readonly saveErasure: SaveErasure;
  readonly wants: WantStore;
  readonly products: Pick<ProductStore, 'refresh'>;
  readonly projections: ProjectionStore;
  readonly movements: Pick<MovementStore, 'record'>;
  readonly users: Pick<UserClients['users'], 'reportErasure'>;
  readonly now: Clock;
}

/** Of one popular product all happenings write the same rows: more at a time would mostly wait for each other. */
const COUNTS_IN_HAND = 8;

/** All that this service listens to. */
export const addConsumers = (consumers: Consumers, deps: Deps): void => {
  consumers.on(userErasureRequested, {
    durable: 'product-erase-user',
    handle: eraseUser(deps),
    concurrency: 2,
    ackWaitMs: ERASE_MS,
  });
  // Behind those who view, save and sell: the counters of a popular product must not slow them down.
  consumers.onTask(productViews, { durable: 'product-count-views', handle: countViews(deps), concurrency: COUNTS_IN_HAND });
  consumers.on(productSaved, { durable: 'product-count-saves', handle: countSaves(deps), concurrency: COUNTS_IN_HAND });
  consumers.on(reservationCommitted, { durable: 'product-count-sales', handle: countSales(deps), concurrency: COUNTS_IN_HAND });
  consumers.on(productCreated, projectProduct(deps, 'product-project-created'));
  consumers.on(productUpdated, projectProduct(deps, 'product-project-updated'));
  consumers.on(productDeleted, projectProduct(deps, 'product-project-deleted'));
  consumers.on(productRestored, projectProduct(deps, 'product-project-restored'));
  // Our own events, back from the bus.
  consumers.on(productCreated, { durable: 'product-record-initial', handle: recordInitial(deps) });
  consumers.on(reservationCommitted, { durable: 'product-record-sales', handle: recordSales(deps) });
  consumers.on(reservationReleased, { durable: 'product-record-returns', handle: recordReturns(deps) });
};
