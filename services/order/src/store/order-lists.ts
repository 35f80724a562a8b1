import type { Context, Stretch } from '@plaza/core';
import type { Db, Key } from '@plaza/dynamo';

import type { IdRange } from '../domain/created.ts';
import type { Order, OrderState } from '../domain/order.ts';
import { keys, orderOf, orderTable, STATE_SHARDS, stateShard } from './table.ts';

/** Which part of a list to read: so many rows, from after this order on. */
export interface Part {
  readonly rows: number;
  readonly after: string | undefined;
}

export type OrderLists = ReturnType<typeof createOrderLists>;

/** Lists of orders, newest first. What they propose is read strongly consistent; each place is the order's id. */
export const createOrderLists = ({ db }: { db: Db }) => {
  /** The orders behind some keys, as they are now. */
  const behind = async (ctx: Context, refs: readonly { readonly orderId: string; readonly key: Key }[]) => {
    const items = await db.batchGet(
      ctx,
      orderTable,
      refs.map(({ key }) => key),
    );
    return refs.map(({ orderId }, i) => ({ place: orderId, item: items[i] && orderOf(items[i]) }));
  };

  return {
    async ofBuyer(ctx: Context, userId: string, [first, last]: IdRange, { rows, after }: Part): Promise<Stretch<Order>> {
      const at = (orderId: string) => keys.order(userId, orderId);
      const { items } = await db.query(ctx, orderTable, {
        pk: at('').pk,
        sk: { between: [at(first).sk, at(last).sk] },
        descending: true,
        // One more than asked for tells whether there is more.
        limit: rows + 1,
        after: after === undefined ? undefined : at(after),
      });
      const orders = items.slice(0, rows).map(orderOf);
      return { entries: orders.map((item) => ({ place: item.orderId, item })), end: items.length <= rows };
    },

    /** The index may be a moment late: an order that has left the state is left out here. */
    async inState(ctx: Context, state: OrderState, { rows, after }: Part): Promise<Stretch<Order>> {
      const pages = await Promise.all(
        Array.from({ length: STATE_SHARDS }, (_, shard) =>
          db.query(ctx, orderTable, {
            index: 'byState',
            pk: stateShard(state, shard),
            ...(after !== undefined && { sk: { lt: after } }),
            descending: true,
            limit: rows + 1,
          }),
        ),
      );
      const merged = pages
        .flatMap(({ items }) => items.map(({ pk, sk, orderId }) => ({ orderId: orderId as string, key: { pk, sk } })))
        .sort((a, b) => (a.orderId < b.orderId ? 1 : -1));
      const entries = await behind(ctx, merged.slice(0, rows));
      return {
        entries: entries.map(({ place, item }) => ({ place, item: item?.state === state ? item : undefined })),
        end: merged.length <= rows,
      };
    },

    async ofSeller(ctx: Context, sellerId: string, { rows, after }: Part): Promise<Stretch<Order>> {
      const { pk, sk } = keys.sale(sellerId, '');
      const { items } = await db.query(ctx, orderTable, {
        pk,
        sk: { beginsWith: sk },
        descending: true,
        limit: rows + 1,
        after: after === undefined ? undefined : keys.sale(sellerId, after),
      });
      const sales = items.slice(0, rows).map((sale) => {
        const orderId = sale.sk.slice(sk.length);
        return { orderId, key: keys.order(sale['userId'] as string, orderId) };
      });
      return { entries: await behind(ctx, sales), end: items.length <= rows };
    },
  };
};
