import { createPageTokens, newId, noMetrics, type Clock } from '@plaza/core';
import type { Db } from '@plaza/dynamo';

import { inventoryHandlers } from '../src/handlers/index.ts';
import { createCatalogueStore } from '../src/store/catalogue-store.ts';
import { createDueReservations } from '../src/store/due-reservations.ts';
import { createLanes } from '../src/store/lanes.ts';
import { createMovementStore } from '../src/store/movement-store.ts';
import { createProductStore } from '../src/store/product-store.ts';
import { createReservationStore } from '../src/store/reservation-store.ts';
import { createShortages } from '../src/store/shortages.ts';
import { createStockAudit } from '../src/store/stock-audit.ts';
import { createStockStore } from '../src/store/stock-store.ts';

/** A store without a cache: what is displayed is not the subject here, and decisions never read it. */
export const noCache = {
  get: <T>(_ctx: unknown, _id: string, load: () => Promise<T>) => load(),
  getMany: <T>(_ctx: unknown, ids: readonly string[], load: (missing: string[]) => Promise<T>) => load([...ids]),
  put: () => Promise.resolve(true),
  bury: () => Promise.resolve(true),
};

/** The inventory of one process over that table, as app.ts builds it, without network, cache and bus. */
export const replica = (db: Db, now: Clock) => {
  const relay = { nudge: () => undefined };
  const lanes = createLanes();
  const stock = createStockStore({ db, cache: noCache, lanes, relay });
  const reservations = createReservationStore({ db, relay, lanes, shortages: createShortages() });
  const movements = createMovementStore({ db });
  const due = createDueReservations({ db });
  const audit = createStockAudit({ stock, movements, due, metrics: noMetrics });
  const products = createProductStore({ db, cache: noCache, relay });
  const catalogue = createCatalogueStore({ db, pages: noCache });
  const pageTokens = createPageTokens('secret');
  const deps = { products, catalogue, stock, movements, audit, reservations, pageTokens, now, newId: () => newId() };
  return { ...deps, due, inventory: inventoryHandlers(deps) };
};
