import { backgroundContext, pause, type Context } from '@plaza/core';
import type { Db, Item } from '@plaza/dynamo';

import { keys, products } from './table.ts';

/** The strongly read row of an order's reservation. */
export type LookUp = (ctx: Context, orderId: string) => Promise<Item | undefined>;

/** Nobody waits for it longer, and none of those who wait may end it for the others. */
const TIMEOUT_MS = 1000;

/** All who are refused by one row look for their reservations at the same moment: one read for all of them, begun after the last asked. */
export const createLookUps = (db: Db): LookUp => {
  let open: { readonly orderIds: Set<string>; readonly rows: Promise<Map<string, Item | undefined>> } | undefined;

  const read = async (ctx: Context, orderIds: ReadonlySet<string>): Promise<Map<string, Item | undefined>> => {
    await pause(0);
    open = undefined;
    const { method, log, trace } = ctx;
    const ids = [...orderIds];
    const shared = backgroundContext({ method, timeoutMs: TIMEOUT_MS, log, trace });
    const rows = await db.batchGet(shared, products, ids.map(keys.reservation));
    return new Map(ids.map((orderId, i) => [orderId, rows[i]]));
  };

  return async (ctx, orderId) => {
    if (!open) {
      const orderIds = new Set<string>();
      open = { orderIds, rows: read(ctx, orderIds) };
    }
    open.orderIds.add(orderId);
    return (await open.rows).get(orderId);
  };
};
