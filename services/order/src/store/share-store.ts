import { crashPoint, type Context, type Mutation } from '@plaza/core';
import { all, eq, insert, lostRace, once, requestRow, update } from '@plaza/dynamo';
import { outboxRow, purchaseShared } from '@plaza/events';

import { actorOf, type Order } from '../domain/order.ts';
import type { Share } from '../domain/share.ts';
import { dueRows } from './due-rows.ts';
import { createMove, type StoreDeps } from './moves.ts';
import { DUE_SHARDS, dueKey, keys, orderOf, orderTable, shareShard } from './table.ts';

export type ShareStore = ReturnType<typeof createShareStore>;

/** A purchase whose time to be shared has come. */
export interface DueShare {
  readonly share: Share;
  /** Epoch milliseconds. */
  readonly dueAt: number;
}

const DUE_ATTRIBUTES = ['dueShard', 'dueAt'];

/** Purchases on their way to followers. Each is a row beside its order, in the due index while it waits. */
export const createShareStore = (deps: StoreDeps) => {
  const { db, relay, now } = deps;
  const move = createMove(deps);
  const rowOf = ({ orderId }: Share) => keys.share(orderId);
  const waiting = eq('state', 'WAITING');

  return {
    /** The longest overdue of each shard. */
    async due(ctx: Context, limitPerShard: number): Promise<DueShare[]> {
      const shards = Array.from({ length: DUE_SHARDS }, (_, shard) => shareShard(shard));
      const rows = await dueRows(db, ctx, shards, now(), limitPerShard);
      return rows.map((row) => ({ share: row as unknown as Share, dueAt: Number(row['dueAt']) }));
    },

    /** Tells everybody, once; false if it was withdrawn or told before. Whatever happened to the order since has a higher version. */
    async share(ctx: Context, share: Share, order: Order, productIds: string[]): Promise<boolean> {
      const { orderId, userId } = share;
      const event = outboxRow(
        purchaseShared,
        { orderId, userId, productIds, payTime: new Date(share.paidAt) },
        { aggregateId: orderId, version: order.version, at: now(), trace: ctx.trace },
      );
      const { ok } = await db.transact(ctx, [
        update(orderTable, rowOf(share), { set: { state: 'SHARED' }, remove: DUE_ATTRIBUTES }, waiting),
        insert(orderTable, event),
      ]);
      if (!ok) return false;
      crashPoint('order.after-shared');
      relay.nudge([event]);
      return true;
    },

    /** Nobody will see it; false if it was withdrawn or told before. */
    async drop(ctx: Context, share: Share): Promise<boolean> {
      const set = { state: 'DROPPED' };
      return (await db.write(ctx, update(orderTable, rowOf(share), { set, remove: DUE_ATTRIBUTES }, waiting))).ok;
    },

    /** Looks again at `atMs`. */
    async postpone(ctx: Context, { share, dueAt }: DueShare, atMs: number): Promise<void> {
      const seen = all(waiting, eq('dueAt', dueKey(dueAt)));
      await db.write(ctx, update(orderTable, rowOf(share), { set: { dueAt: dueKey(atMs) } }, seen));
    },

    /**
     * The order is no longer shared, now or when it will be paid; undefined when it was changed meanwhile. One that was withdrawn
     * before only keeps the request.
     */
    async withdraw(ctx: Context, mutation: Mutation, order: Order): Promise<Order | undefined> {
      const { userId, orderId } = order;
      let withdrawn: Order | undefined;
      const done = await once(ctx, db, orderTable, mutation, async () => {
        const request = requestRow(orderTable, mutation, true);
        if (!order.sharePurchase) {
          if (!(await db.write(ctx, request)).ok) throw lostRace();
          withdrawn = order;
          return true;
        }
        const share = update(orderTable, keys.share(orderId), { set: { state: 'WITHDRAWN' }, remove: DUE_ATTRIBUTES });
        const happening = { kind: 'UNSHARED', actor: actorOf(ctx.caller) } as const;
        withdrawn = await move(ctx, order, { sharePurchase: false }, happening, [share, request]);
        if (withdrawn) crashPoint('order.after-unshared');
        return withdrawn !== undefined;
      });
      if (withdrawn || !done) return withdrawn;
      const item = await db.get(ctx, orderTable, keys.order(userId, orderId));
      return item && orderOf(item);
    },
  };
};
