import type { EntityCache } from '@plaza/cache';
import { backoffMs, crashPoint, pause, type Context, type Mutation } from '@plaza/core';
import { eq, insert, lostRace, once, put, requestRow, type Db } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

import type { Movement } from '../domain/movement.ts';
import type { Product } from '../domain/product.ts';
import { turnOf, type Stock } from '../domain/stock.ts';
import type { Lanes } from './lanes.ts';
import { turnEvent } from './stock-rows.ts';
import { contentOf, keys, products } from './table.ts';

/** Orders taken by other replicas write a hot product's stock all the time; a correction that loses so often gives up. */
const MAX_TRIES = 30;

export type StockStore = ReturnType<typeof createStockStore>;

interface Parts {
  readonly db: Db;
  readonly cache: EntityCache<Stock>;
  readonly lanes: Lanes;
  readonly relay: Pick<Relay, 'nudge'>;
}

export const createStockStore = ({ db, cache, lanes, relay }: Parts) => ({
  /** Units that can be had, by product id, for display only: up to five seconds old. Unknown products are left out. */
  async available(ctx: Context, productIds: readonly string[]): Promise<Map<string, number>> {
    const stocks = await cache.getMany(ctx, [...productIds], async (missing) => {
      const items = await db.batchGet(ctx, products, missing.map(keys.stock));
      return new Map(items.flatMap((item) => (item ? [contentOf<Stock>(item)] : [])).map((stock) => [stock.productId, stock]));
    });
    return new Map([...stocks].map(([productId, stock]) => [productId, stock.available]));
  },

  /** Past every cache, by product id. Unknown products are left out. */
  async load(ctx: Context, productIds: readonly string[]): Promise<Map<string, Stock>> {
    const items = await db.batchGet(ctx, products, productIds.map(keys.stock));
    return new Map(items.flatMap((item) => (item ? [contentOf<Stock>(item)] : [])).map((stock) => [stock.productId, stock]));
  },

  /** Decides on what the table holds now, never on the cache, and writes only if that still stands. */
  async adjust(
    ctx: Context,
    mutation: Mutation,
    movement: Movement,
    decide: (product: Product | undefined, stock: Stock | undefined) => Stock,
  ): Promise<Stock> {
    const { productId } = movement;
    const attempt = async () => {
      const [product, found] = await db.batchGet(ctx, products, [keys.product(productId), keys.stock(productId)]);
      let stock = found;
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const before = stock && contentOf<Stock>(stock);
        const next = decide(product && contentOf<Product>(product), before);
        const turn = before && turnOf(before.available, next.available);
        const about = { aggregateId: productId, version: next.version, at: movement.at, trace: ctx.trace };
        const events = turn ? [turnEvent(turn, [before], about)] : [];
        const result = await db.transact(ctx, [
          put(products, { ...keys.stock(productId), ...next }, eq('version', next.version - 1)),
          insert(products, { ...keys.movement(productId, movement.movementId), ...movement }),
          ...events.map((event) => insert(products, event)),
          requestRow(products, mutation, next),
        ]);
        if (result.ok) {
          crashPoint('product.after-adjust');
          relay.nudge(events);
          return next;
        }
        const overtaken = result.failed.find(({ index }) => index === 0);
        if (!overtaken || result.failed.length > 1) throw lostRace();
        stock = overtaken.item;
        await pause(backoffMs(tries, 2, 50), ctx.signal);
      }
      throw lostRace();
    };
    const adjusted = await once(ctx, db, products, mutation, () => lanes.run([productId], 'correct', attempt));
    await cache.put(ctx, productId, adjusted);
    return adjusted;
  },
});
