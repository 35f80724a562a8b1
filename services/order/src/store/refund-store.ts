import { assertAlive, type Clock, type Context, type Mutation } from '@plaza/core';
import { eq, insert, once, requestRow, update, type WriteOp } from '@plaza/dynamo';

import { actorOf, type Failure, type Order, type Refund } from '../domain/order.ts';
import { afterRefund, type StoredRefund } from '../domain/refund.ts';
import { createMove, type Change, type StoreDeps } from './moves.ts';
import { keys, orderTable } from './table.ts';

export type RefundStore = ReturnType<typeof createRefundStore>;

/** Names a refund; what a request row keeps. */
export type RefundRef = { readonly userId: string; readonly orderId: string; readonly refundId: string };

/** Refunds from the request to their end. The order carries the one that is under way, a row of its own tells how each ended. */
export const createRefundStore = (deps: StoreDeps) => {
  const { db, now } = deps;
  const move = createMove(deps);

  /** Ends the refund that the order carries; undefined when the order changed meanwhile. */
  const end = async (ctx: Context, order: Order, change: Change, failure?: Failure): Promise<Order | undefined> => {
    const refund = underWay(order);
    const kind = failure ? 'REFUND_REFUSED' : 'REFUNDED';
    const ended = { state: failure ? 'FAILED' : 'DONE', failure, endedAt: now() };
    const row = update(orderTable, keys.refund(order.orderId, refund.refundId), { set: ended }, eq('state', 'PENDING'));
    return move(ctx, order, change, { kind, actor: '', refund, failure }, [row]);
  };

  return {
    /**
     * Writes down what is to be refunded: from then on the saga takes it to its end. Whoever loses a race is judged again; a repeated
     * request gets the refund that it asked for.
     */
    ask: (ctx: Context, mutation: Mutation, judge: () => Promise<{ order: Order; refund: Refund }>): Promise<RefundRef> =>
      once(ctx, db, orderTable, mutation, async () => {
        for (;;) {
          assertAlive(ctx);
          const { order, refund } = await judge();
          const ref = { userId: order.userId, orderId: order.orderId, refundId: refund.refundId };
          const happening = { kind: 'REFUND_REQUESTED', actor: actorOf(ctx.caller), refund } as const;
          const rows = [pendingRow(order, refund, now), requestRow(orderTable, mutation, ref)];
          if (await move(ctx, order, { refund }, happening, rows)) return ref;
        }
      }),

    async get(ctx: Context, { orderId, refundId }: Omit<RefundRef, 'userId'>): Promise<StoredRefund> {
      const item = await db.get(ctx, orderTable, keys.refund(orderId, refundId));
      if (!item) throw new Error(`refund ${refundId} of order ${orderId} is gone`);
      const { pk: _pk, sk: _sk, ...refund } = item;
      return refund as unknown as StoredRefund;
    },

    /** The money is back. */
    done: (ctx: Context, order: Order) => end(ctx, order, afterRefund(order, underWay(order))),

    /** Nothing was moved, and nothing will be. */
    refused: (ctx: Context, order: Order, failure: Failure) => end(ctx, order, { refund: undefined }, failure),
  };
};

const underWay = ({ orderId, refund }: Order): Refund => {
  if (!refund) throw new Error(`order ${orderId} has no refund under way`);
  return refund;
};

const pendingRow = ({ orderId }: Order, refund: Refund, now: Clock): WriteOp =>
  insert(orderTable, { ...keys.refund(orderId, refund.refundId), ...refund, state: 'PENDING', askedAt: now() });
