import type { Context } from '@plaza/core';
import { all, eq, has, lte, update, type Item } from '@plaza/dynamo';

import type { Order } from '../domain/order.ts';
import { stepOf } from '../domain/saga.ts';
import { asSeen, SAGA_ATTRIBUTES, type StoreDeps } from './moves.ts';
import { dueRows } from './due-rows.ts';
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
export const createSagaStore = ({ db, now, changed }: Pick<StoreDeps, 'db' | 'now' | 'changed'>) => {
  const write = (
    ctx: Context,
    order: Order,
    ...rest: [changes: Parameters<typeof update>[2], condition: ReturnType<typeof all>]
  ) => db.write(ctx, update(orderTable, keys.order(order.userId, order.orderId), ...rest));

  return {
    /** The longest overdue orders of each shard. */
    async due(ctx: Context, limitPerShard: number): Promise<Due[]> {
      const shards = Array.from({ length: DUE_SHARDS }, (_, shard) => `SAGA#${shard}`);
      return (await dueRows(db, ctx, shards, now(), limitPerShard)).map(dueOf);
    },

    /** Takes an order for `forMs`, and tells a worker that was too slow that it is another's now. Undefined: another was quicker. */
    async lease(ctx: Context, { order }: Due, forMs: number): Promise<Order | undefined> {
      const lease = order.lease + 1;
      const set = { lease, dueAt: dueKey(now() + forMs) };
      const { ok } = await write(ctx, order, { set }, all(asSeen(order), eq('lease', order.lease), has('dueShard')));
      return ok ? { ...order, lease } : undefined;
    },

    /**
     * Looks again at `atMs`. Changes nothing if the order went on meanwhile, is another's now, or was tried more often: callers who come
     * again and again must not make it young.
     */
    async postpone(ctx: Context, order: Order, atMs: number, tries: number): Promise<void> {
      const set = { dueAt: dueKey(atMs), sagaTries: tries };
      const standing = all(asSeen(order), eq('lease', order.lease), has('dueShard'), lte('sagaTries', tries));
      await write(ctx, order, { set }, standing);
    },

    /**
     * The sellers are paid, or everything is given back: the order leaves the index, unless a refund was asked for meanwhile.
     * Undefined: it was changed meanwhile.
     */
    async settle(ctx: Context, order: Order): Promise<Order | undefined> {
      const settled = { ...order, settledAt: now() };
      const remove = stepOf(settled) === undefined ? SAGA_ATTRIBUTES : [];
      const { ok } = await write(ctx, order, { set: { settledAt: settled.settledAt }, remove }, asSeen(order));
      if (!ok) return undefined;
      changed?.(order.orderId);
      return settled;
    },
  };
};

const dueOf = (item: Item): Due => ({
  order: orderOf(item),
  tries: Number(item['sagaTries']),
  dueAt: Number(item['dueAt']),
});
