import { backoffMs, pause, type Context } from '@plaza/core';
import { lostRace, type Db } from '@plaza/dynamo';

import type { Product } from '../domain/product.ts';
import { projectionOf, type Projection } from '../domain/projection.ts';
import { projectionOps } from './projection-rows.ts';
import { contentOf, keys, products } from './table.ts';

/** Each lost race means that somebody else projected this product. */
const MAX_TRIES = 20;

export type ProjectionStore = ReturnType<typeof createProjectionStore>;

/** Search and category counts follow the products. Both are views: one product is in them once, as it was projected last. */
export const createProjectionStore = ({ db }: { db: Db }) => ({
  /**
   * Brings the views up to the product as it stands in the table. Whoever changed a product, or its popularity, has this done
   * after the commit, as often as they like and in any order.
   */
  async project(ctx: Context, productId: string): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      // The projection is read first: then the product is never older than the one that the projection was made of, and who loses
      // the race for the projection's row reads both again.
      const row = await db.get(ctx, products, keys.projection(productId));
      const [product, popularity] = await db.batchGet(ctx, products, [keys.product(productId), keys.popularity(productId)]);
      if (product === undefined) return;
      const before = row && contentOf<Projection>(row);
      const after = projectionOf(contentOf<Product>(product), Number(popularity?.['points'] ?? 0), before);
      if (after === undefined) return;
      const written = await db.transact(ctx, projectionOps(before, after));
      if (written.ok) return;
      await pause(backoffMs(tries, 2, 50), ctx.signal);
    }
    throw lostRace();
  },
});
