import { crashPoint, type Clock, type Context } from '@plaza/core';
import { createTally, type Db } from '@plaza/dynamo';
import { appliedRow } from '@plaza/events';

import type { PostSales, Sale } from '../../domain/posts/sales.ts';
import { keys, postsTable } from '../table.ts';

export type SaleStore = ReturnType<typeof createSaleStore>;

/** What was bought because of a post: of all its products, and of each. */
export const createSaleStore = ({ db, now }: { db: Db; now: Clock }) => {
  const tally = createTally({ db, table: postsTable, committed: () => crashPoint('feed.after-sale') });
  return {
    /** Counts an order, once. */
    count: (ctx: Context, orderId: string, postId: string, sales: readonly Sale[]): Promise<void> =>
      tally.apply(ctx, {
        mark: appliedRow('feed-sale', orderId, now()),
        additions: [
          { key: keys.sales(postId), add: { orders: 1, units: sales.reduce((sum, { units }) => sum + units, 0) } },
          ...sales.map(({ productId, units }) => ({ key: keys.productSales(postId, productId), add: { orders: 1, units } })),
        ],
      }),

    async get(ctx: Context, postId: string): Promise<PostSales> {
      const { pk, sk } = keys.sales(postId);
      const { items } = await db.query(ctx, postsTable, { pk, sk: { beginsWith: sk } });
      const rows = items.map((item) => ({
        productId: item.sk.slice(keys.productSales(postId, '').sk.length),
        orders: Number(item['orders']),
        units: Number(item['units']),
      }));
      const all = rows.find(({ productId }) => productId === '');
      return {
        orders: all?.orders ?? 0,
        units: all?.units ?? 0,
        products: rows.filter(({ productId }) => productId !== ''),
      };
    },
  };
};
