import { createRounds } from '@plaza/cache';
import type { Context } from '@plaza/core';
import type { Db, Item } from '@plaza/dynamo';

import { keys, products } from './table.ts';

/** The strongly read row of an order's reservation. */
export type LookUp = (ctx: Context, orderId: string) => Promise<Item | undefined>;

/** All who are refused by one row look for their reservations at the same moment: one read for all of them, begun after the last asked. */
export const createLookUps = (db: Db): LookUp => {
  const rounds = createRounds<string, Item>({
    most: 100,
    atOnce: 1,
    timeoutMs: 1_000,
    read: async (ctx, orderIds) => {
      const rows = await db.batchGet(ctx, products, orderIds.map(keys.reservation));
      return new Map(orderIds.flatMap((orderId, i) => (rows[i] ? [[orderId, rows[i]]] : [])));
    },
  });
  return async (ctx, orderId) => (await rounds(ctx, [orderId])).get(orderId);
};
