import type { Clock, Context } from '@plaza/core';
import { all, eq, has, update, type Db } from '@plaza/dynamo';

import type { Order } from '../domain/order.ts';
import { asSeen } from './order-store.ts';
import { DUE_SHARDS, dueKey, keys, orderOf, orderTable } from './table.ts';

export type SagaStore = ReturnType<typeof createSagaStore>;

/** An unfinished order whose time has come. */
export interface Due {
  readonly order: Order;
  /** Failed tries since its last step. */
  readonly tries: number;
  /** Epoch milliseconds. */
  readonly dueAt: number;
}

/** The due index: which orders are unfinished, and when to look at each again. */
export const createSagaStore = ({ db, now }: { db: Db; now: Clock }) => ({
  /** The longest overdue orders of each shard. */
  async due(ctx: Context, limitPerShard: number): Promise<Due[]> {
    const sk = { lte: dueKey(now()) };
    const pages = await Promise.all(
      Array.from({ length: DUE_SHARDS }, (_, shard) =>
        db.query(ctx, orderTable, { index: 'due', pk: `SAGA#${shard}`, sk, limit: limitPerShard }),
      ),
    );
    return pages.flatMap(({ items }) =>
      items.map((item) => ({ order: orderOf(item), tries: Number(item['sagaTries']), dueAt: Number(item['sagaDueAt']) })),
    );
  },

  /** Takes an order for `forMs`; false when another driver was quicker. Two drivers on one order only waste work. */
  async lease(ctx: Context, { order, dueAt }: Due, forMs: number): Promise<boolean> {
    const set = { sagaDueAt: dueKey(now() + forMs) };
    const taken = all(eq('sagaDueAt', dueKey(dueAt)), has('sagaShard'));
    return (await db.write(ctx, update(orderTable, keys.order(order.userId, order.orderId), { set }, taken))).ok;
  },

  /** Looks again at `atMs`. Changes nothing if the order went on meanwhile. */
  async postpone(ctx: Context, order: Order, atMs: number, tries: number): Promise<void> {
    const set = { sagaDueAt: dueKey(atMs), sagaTries: tries };
    const unfinished = all(asSeen(order), has('sagaShard'));
    await db.write(ctx, update(orderTable, keys.order(order.userId, order.orderId), { set }, unfinished));
  },

  /** Nothing is left to do: the order leaves the index. */
  async settle(ctx: Context, order: Order): Promise<void> {
    const remove = ['sagaShard', 'sagaDueAt', 'sagaTries'];
    await db.write(ctx, update(orderTable, keys.order(order.userId, order.orderId), { remove }, asSeen(order)));
  },
});
