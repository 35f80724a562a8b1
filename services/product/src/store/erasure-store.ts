import type { EntityCache } from '@plaza/cache';
import type { Clock, Context } from '@plaza/core';
import { eq, lostRace, ttl, update, type Db, type Item, type WriteOp } from '@plaza/dynamo';

import { tombstone, type Product } from '../domain/product.ts';
import { closeStock } from './product-rows.ts';
import type { ProjectionStore } from './projection-store.ts';
import { contentOf, keys, products } from './table.ts';

/** Of one transaction: two rows each, beside the count. */
const BATCH = 49;
/** Lost in a row. */
const MAX_TRIES = 20;
/** Longer than an event may come again. */
export const KEPT_SECONDS = 30 * 24 * 3600;

/** How much was erased of a person, over all tries. */
export interface ErasedCounts {
  readonly listings: number;
  readonly saves: number;
}

export type ErasureStore = ReturnType<typeof createErasureStore>;

/** Takes a seller's listings out of the catalogue for good. What was done is counted in the transaction that did it. */
export const createErasureStore = (options: {
  db: Db;
  cache: EntityCache<Product>;
  projections: ProjectionStore;
  now: Clock;
}) => {
  const { db, cache, projections, now } = options;

  const note = (userId: string, changes: { set?: { doneAt: number }; add?: { listings: number } }): WriteOp =>
    update(products, keys.erasure(userId), { ...changes, set: { ...changes.set, expiresAt: ttl(now(), KEPT_SECONDS) } });

  /** Erases those that are not yet, and answers how many; undefined when another delivery was quicker with one of them. */
  const erase = async (ctx: Context, sellerId: string, listings: readonly Product[]): Promise<number | undefined> => {
    const living = listings.filter(({ erasedAt }) => erasedAt === undefined);
    if (living.length === 0) return 0;
    const { ok } = await db.transact(ctx, [
      ...living.flatMap((product) => [eraseOp(product, now()), closeStock(product.productId, now())]),
      note(sellerId, { add: { listings: living.length } }),
    ]);
    return ok ? living.length : undefined;
  };

  const read = async (ctx: Context, rows: readonly { pk: string; sk: string }[]): Promise<Product[]> =>
    (await db.batchGet(ctx, products, rows)).flatMap((item) => (item ? [contentOf<Product>(item)] : []));

  /** Erases what the index tells now, and answers how many; those that an earlier try erased are left as they are. */
  const pass = async (ctx: Context, sellerId: string): Promise<number> => {
    for (let after, found = 0, tries = 0; ;) {
      const page = await db.query(ctx, products, { index: 'bySeller', pk: sellerId, limit: BATCH, after });
      const erased = await erase(ctx, sellerId, await read(ctx, page.items));
      if (erased === undefined) {
        if (++tries > MAX_TRIES) throw lostRace();
        continue;
      }
      tries = 0;
      found += erased;
      // Also those of an earlier try, which may have died before this.
      const gone = await read(ctx, page.items);
      for (const product of gone) await cache.put(ctx, product.productId, product);
      // No event tells of an erasure: their words leave the index here.
      await Promise.all(gone.map(({ productId }) => projections.project(ctx, productId)));
      if (page.after === undefined) return found;
      after = page.after;
    }
  };

  return {
    /** What was erased, once that is finished. */
    async finished(ctx: Context, userId: string): Promise<ErasedCounts | undefined> {
      const row = await db.get(ctx, products, keys.erasure(userId));
      return row?.['doneAt'] === undefined ? undefined : countsIn(row);
    },

    /** Every listing of the seller. The index lags behind the table: it is read again until it tells nothing new. */
    async eraseListings(ctx: Context, sellerId: string): Promise<void> {
      await pass(ctx, sellerId);
      while ((await pass(ctx, sellerId)) > 0);
    },

    async finish(ctx: Context, userId: string): Promise<ErasedCounts> {
      await db.write(ctx, note(userId, { set: { doneAt: now() } }));
      return countsIn(await db.get(ctx, products, keys.erasure(userId)));
    },
  };
};

const countsIn = (row: Item | undefined): ErasedCounts => ({
  listings: Number(row?.['listings'] ?? 0),
  saves: Number(row?.['saves'] ?? 0),
});

const eraseOp = (product: Product, at: number): WriteOp => {
  const { name, description, version, updatedAt, erasedAt } = tombstone(product, at);
  return update(
    products,
    keys.product(product.productId),
    { set: { name, description, version, updatedAt, erasedAt }, remove: ['categoryKey', 'priceKey'] },
    eq('version', product.version),
  );
};
