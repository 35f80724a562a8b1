import { crashPoint, type Context, type Mutation } from '@plaza/core';
import { insert, lostRace, once, requestRow } from '@plaza/dynamo';

import type { CartItems } from '../domain/cart.ts';
import { userNotFound } from '../domain/errors.ts';
import { actorOf, isOpen, sellersOf, type Failure, type Order } from '../domain/order.ts';
import type { Share } from '../domain/share.ts';
import { createAccept } from './accept.ts';
import { readCart } from './cart-row.ts';
import { createMove, type StoreDeps } from './moves.ts';
import { dueKey, keys, orderOf, orderTable, shareShardOf } from './table.ts';

/** The row of a purchase that is shared when the buyer had time to think again. */
const waitingShare = ({ orderId, userId }: Order, paidAt: number, delayMs: number) => {
  const share: Share = { orderId, userId, state: 'WAITING', paidAt };
  return { ...keys.share(orderId), ...share, dueShard: shareShardOf(orderId), dueAt: dueKey(paidAt + delayMs) };
};

export type OrderStore = ReturnType<typeof createOrderStore>;

/** Orders and their changes of state up to PAID. A change is conditional on (state, version): whoever comes second gets undefined. */
export const createOrderStore = (deps: StoreDeps & { shareDelayMs: number }) => {
  const { db, now, shareDelayMs } = deps;
  const move = createMove(deps);

  const get = async (ctx: Context, userId: string, orderId: string): Promise<Order | undefined> => {
    const item = await db.get(ctx, orderTable, keys.order(userId, orderId));
    return item && orderOf(item);
  };

  const accept = createAccept(deps, get);

  /** For those who may see everybody's. */
  const find = async (ctx: Context, orderId: string): Promise<Order | undefined> => {
    const ref = await db.get(ctx, orderTable, keys.ref(orderId));
    return ref && get(ctx, ref['userId'] as string, orderId);
  };

  return {
    get,
    find,

    /** A user's own orders are keyed by the user: somebody else's are simply not there. */
    ofCaller: (ctx: Context, orderId: string): Promise<Order | undefined> =>
      ctx.caller.kind === 'user' ? get(ctx, ctx.caller.userId, orderId) : find(ctx, orderId),

    /**
     * Order, look-up, history, request and event are written together or not at all. A repeated request answers its order as it is
     * now.
     * @throws AppError NOT_FOUND USER_NOT_FOUND once the erasure of the buyer has begun, which would not see this address
     */
    create: (ctx: Context, mutation: Mutation, make: () => Promise<Order>): Promise<Order> =>
      accept(ctx, mutation, async () => ({ order: await make() })),

    /**
     * As `create`, of the items in the buyer's cart, which is emptied in the same transaction. A cart that changed meanwhile is read
     * again.
     * @throws AppError ABORTED WRITE_CONFLICT when it changes all the time
     */
    createFromCart: (
      ctx: Context,
      mutation: Mutation,
      userId: string,
      make: (items: CartItems) => Promise<Order>,
    ): Promise<Order> =>
      accept(ctx, mutation, async () => {
        const cart = await readCart(ctx, db, userId, now());
        return { order: await make(cart.items), cart };
      }),

    /** @throws AppError NOT_FOUND USER_NOT_FOUND as `create` */
    async assertNotErased(ctx: Context, userId: string): Promise<void> {
      if (await db.get(ctx, orderTable, keys.erasure(userId))) throw userNotFound(userId);
    },

    reserved: (ctx: Context, order: Order) => move(ctx, order, { state: 'RESERVED' }, { kind: 'RESERVED', actor: '' }),

    /** The pivot: the order stands, its sellers find it among their sales, and its purchase waits to be shared. */
    paid(ctx: Context, order: Order): Promise<Order | undefined> {
      const { orderId, userId } = order;
      const share = order.sharePurchase ? [insert(orderTable, waitingShare(order, now(), shareDelayMs))] : [];
      const sales = sellersOf(order).map((sellerId) => insert(orderTable, { ...keys.sale(sellerId, orderId), userId }));
      return move(ctx, order, { state: 'PAID' }, { kind: 'PAID', actor: '' }, [...sales, ...share]);
    },

    failed: (ctx: Context, order: Order, failure: Failure) =>
      move(ctx, order, { state: 'FAILED', failure }, { kind: 'FAILED', actor: '', failure }),

    /** Calls an open order off; undefined when another change came first. An order called off before only keeps the request. */
    cancel: async (ctx: Context, mutation: Mutation, order: Order): Promise<Order | undefined> => {
      let cancelled: Order | undefined;
      const first = await once(ctx, db, orderTable, mutation, async () => {
        const { userId, orderId } = order;
        const request = requestRow(orderTable, mutation, { userId, orderId });
        if (isOpen(order)) {
          const happening = { kind: 'CANCELLED', actor: actorOf(ctx.caller) } as const;
          cancelled = await move(ctx, order, { state: 'CANCELLED' }, happening, [request]);
          if (!cancelled) return null;
          crashPoint('order.after-cancelled');
        } else if (!(await db.write(ctx, request)).ok) throw lostRace();
        return { userId, orderId };
      });
      return cancelled ?? (first ? get(ctx, first.userId, first.orderId) : undefined);
    },
  };
};
