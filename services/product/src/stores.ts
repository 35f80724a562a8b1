import { createEntityCache, createSlotRankings, type Redis } from '@plaza/cache';
import type { Clock, Metrics } from '@plaza/core';
import { createBucketSums, type Db } from '@plaza/dynamo';
import type { Bus, Relay } from '@plaza/events';

import type { Product } from './domain/product.ts';
import type { Window } from './domain/search.ts';
import type { Stock } from './domain/stock.ts';
import { createCatalogueStore, type Places } from './store/catalogue-store.ts';
import { createCategoryStore, type CategoryPlaces } from './store/category-store.ts';
import { createDueReservations } from './store/due-reservations.ts';
import { createErasureStore } from './store/erasure-store.ts';
import { createLanes } from './store/lanes.ts';
import { createMovementStore } from './store/movement-store.ts';
import { createProductChanges } from './store/product-changes.ts';
import { createProductStore } from './store/product-store.ts';
import { createProjectionStore } from './store/projection-store.ts';
import { createReservationStore } from './store/reservation-store.ts';
import { createSaveErasure } from './store/save-erasure.ts';
import { createSaveLists } from './store/save-lists.ts';
import { createSaveStore } from './store/save-store.ts';
import { createSearchStore } from './store/search-store.ts';
import { createShortages } from './store/shortages.ts';
import { createStockAudit } from './store/stock-audit.ts';
import { createStockStore } from './store/stock-store.ts';
import { wanted } from './store/table.ts';
import { createViewQueue } from './store/view-queue.ts';
import { createWantStore } from './store/want-store.ts';

const PRODUCT_TTL_MS = 5 * 60_000;
/**
 * Orders change stock without touching the cache, and any change of the catalogue moves pages. Both are at most five seconds old,
 * and the cache adds up to 10 %.
 */
const SECONDS_TTL_MS = 4500;

/** Nobody waits for what is counted, but its delivery ends at some time. */
const COUNT_WAIT_MS = 20_000;

export type Stores = ReturnType<typeof createStores>;

/** The table behind its caches, by thing. */
export const createStores = (options: {
  db: Db;
  redis: Redis;
  relay: Pick<Relay, 'nudge'>;
  tasks: Pick<Bus, 'enqueue'>;
  namespace: string;
  now: Clock;
  metrics: Metrics;
}) => {
  const { db, redis, relay, tasks, namespace, now, metrics } = options;
  const versionOf = ({ version }: { version: number }) => version;
  const cache = createEntityCache<Product>({ redis, namespace, name: 'product', ttlMs: PRODUCT_TTL_MS, versionOf });
  const shelf = createEntityCache<Stock>({ redis, namespace, name: 'stock', ttlMs: SECONDS_TTL_MS, versionOf });
  // Never replaced, only outlived.
  const passing = { redis, namespace, ttlMs: SECONDS_TTL_MS, versionOf: () => 0 };
  const pages = createEntityCache<Places>({ ...passing, name: 'category' });
  // Hundreds of plain matches: walked through for marks they would cost more than their query.
  const encode = (window: Window) => new TextEncoder().encode(JSON.stringify(window));
  const windows = createEntityCache<Window>({ ...passing, name: 'search', encode });
  const counts = createEntityCache<CategoryPlaces>({ ...passing, name: 'categories' });
  const lanes = createLanes();
  const products = createProductStore({ db, cache, relay });
  const projections = createProjectionStore({ db });
  const movements = createMovementStore({ db });
  const due = createDueReservations({ db });
  const stock = createStockStore({ db, cache: shelf, lanes, relay });
  return {
    products,
    changes: createProductChanges({ db, products, relay, now }),
    catalogue: createCatalogueStore({ db, pages }),
    saves: createSaveStore({ db, relay, now }),
    saveLists: createSaveLists({ db }),
    views: createViewQueue({ tasks, now }),
    // Lanes of its own: who counts must not stand in the way of who buys.
    wants: createWantStore({
      db,
      lanes: createLanes({ waitMs: COUNT_WAIT_MS }),
      stepChanged: (ctx, id) => projections.project(ctx, id),
      now,
    }),
    trending: createSlotRankings({ redis, namespace, name: 'trending', addUp: createBucketSums({ db, buckets: wanted }) }),
    stock,
    movements,
    due,
    audit: createStockAudit({ stock, movements, due, metrics }),
    reservations: createReservationStore({ db, relay, lanes, shortages: createShortages() }),
    saveErasure: createSaveErasure({ db, relay, now }),
    projections,
    search: createSearchStore({ db, windows }),
    categories: createCategoryStore({ db, pages: counts }),
    erasures: createErasureStore({ db, cache, projections, now }),
  };
};
