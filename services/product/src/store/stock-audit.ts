import { backoffMs, pause, type Context, type Metrics } from '@plaza/core';

import type { StockCount } from '../domain/stock.ts';
import { stockMismatches } from '../metrics.ts';
import type { DueReservations } from './due-reservations.ts';
import type { MovementStore } from './movement-store.ts';
import type { StockStore } from './stock-store.ts';

/** Movements of sales come by events, and the index of reservations is late: what differs is counted again, so many times in all. */
const LOOKS = 5;
const WAIT_MS = { base: 200, cap: 1000 };

export type StockAudit = ReturnType<typeof createStockAudit>;

/** Recounts stock from the rows that explain it. Repairs nothing. */
export const createStockAudit = (deps: {
  stock: Pick<StockStore, 'load'>;
  movements: Pick<MovementStore, 'sum'>;
  due: Pick<DueReservations, 'standing'>;
  metrics: Metrics;
}) => {
  const { stock, movements, due } = deps;
  const mismatches = deps.metrics.counter(stockMismatches);

  const reservedOf = async (ctx: Context, productIds: ReadonlySet<string>): Promise<Map<string, number>> => {
    const reserved = new Map<string, number>();
    for await (const reservations of due.standing(ctx))
      for (const { productId, quantity } of reservations.flatMap(({ lines }) => lines))
        if (productIds.has(productId)) reserved.set(productId, (reserved.get(productId) ?? 0) + quantity);
    return reserved;
  };

  const look = async (ctx: Context, productIds: readonly string[]): Promise<Map<string, StockCount>> => {
    const stocks = await stock.load(ctx, productIds);
    const reserved = await reservedOf(ctx, new Set(stocks.keys()));
    const counts = new Map<string, StockCount>();
    for (const [productId, counted] of stocks) {
      const countedOnHand = await movements.sum(ctx, productId);
      const countedReserved = reserved.get(productId) ?? 0;
      const { onHand, reserved: held, available } = counted;
      const agrees = onHand === countedOnHand && held === countedReserved && available === onHand - held;
      counts.set(productId, { stock: counted, countedOnHand, countedReserved, agrees, moving: false });
    }
    const after = await stock.load(ctx, [...counts.keys()]);
    for (const [productId, count] of counts)
      if (after.get(productId)?.version !== count.stock.version) counts.set(productId, { ...count, moving: true });
    return counts;
  };

  return {
    /** Counts of those products that exist, by id. What does not agree is also for the operator. */
    async count(ctx: Context, productIds: readonly string[]): Promise<Map<string, StockCount>> {
      const counts = await look(ctx, [...new Set(productIds)]);
      for (let looks = 1; looks < LOOKS; looks++) {
        const differing = [...counts].filter(([, { agrees }]) => !agrees).map(([productId]) => productId);
        if (differing.length === 0) break;
        await pause(WAIT_MS.base / 2 + backoffMs(looks, WAIT_MS.base, WAIT_MS.cap), ctx.signal);
        for (const [productId, count] of await look(ctx, differing)) counts.set(productId, count);
      }
      for (const { stock: is, agrees, moving, ...counted } of counts.values()) {
        if (agrees || moving) continue;
        mismatches.add({});
        ctx.log.error('product.stock_mismatch', { ...is, ...counted });
      }
      return counts;
    },
  };
};
