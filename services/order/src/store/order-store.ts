import { crashPoint, type Clock, type Context, type Mutation } from '@plaza/core';
import { absent, all, check, eq, insert, lostRace, once, requestRow, update, type Db, type WriteOp } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

import { userNotFound } from '../domain/errors.ts';
import { isOpen, type Failure, type Order, type OrderState } from '../domain/order.ts';
import { LEASE_MS } from '../domain/saga.ts';
import { eventsOf } from './events.ts';
import { dueKey, keys, orderOf, orderTable, sagaShard } from './table.ts';

export type OrderStore = ReturnType<typeof createOrderStore>;

export interface StoreDeps {
  readonly db: Db;
  readonly relay: Pick<Relay, 'nudge'>;
  readonly now: Clock;
}

/** Orders and their changes of state. A change is conditional on (state, version): whoever comes second gets undefined. */
export const createOrderStore = ({ db, relay, now }: StoreDeps) => {
  const get = async (ctx: Context, userId: string, orderId: string): Promise<Order | undefined> => {
    const item = await db.get(ctx, orderTable, keys.order(userId, orderId));
    return item && orderOf(item);
  };

  /** Who moves an order works on it for a while, so that the driver is to look again only later. */
  const move = async (
    ctx: Context,
    order: Order,
    change: { state: OrderState; failure?: Failure },
    also: readonly WriteOp[] = [],
  ): Promise<{ moved: Order } | { failed: readonly number[] }> => {
    const next: Order = { ...order, ...change, version: order.version + 1, updatedAt: now() };
    const { state, version, updatedAt, failure } = next;
    const set = { state, version, updatedAt, failure, sagaDueAt: dueKey(now() + LEASE_MS), sagaTries: 0 };
    const events = eventsOf(ctx, next);
    const ops = [
      update(orderTable, keys.order(order.userId, order.orderId), { set }, asSeen(order)),
      ...events.map((event) => insert(orderTable, event)),
      ...also,
    ];
    const result = await (ops.length === 1 ? db.write(ctx, ops[0]!) : db.transact(ctx, ops));
    if (!result.ok) return { failed: result.failed.map(({ index }) => index) };
    relay.nudge(events);
    return { moved: next };
  };
  const moveTo = async (ctx: Context, order: Order, change: { state: OrderState; failure?: Failure }) => {
    const result = await move(ctx, order, change);
    return 'moved' in result ? result.moved : undefined;
  };

  return {
    get,

    /** For those who may see everybody's. */
    async find(ctx: Context, orderId: string): Promise<Order | undefined> {
      const ref = await db.get(ctx, orderTable, keys.ref(orderId));
      return ref && get(ctx, ref['userId'] as string, orderId);
    },

    /** Newest first, from after an order id. */
    async list(ctx: Context, userId: string, limit: number, after?: string): Promise<Order[]> {
      const { pk, sk } = keys.order(userId, after ?? '');
      const place = after === undefined ? { sk: { beginsWith: 'O#' } } : { sk: { beginsWith: 'O#' }, after: { pk, sk } };
      const page = await db.query(ctx, orderTable, { pk, descending: true, limit, ...place });
      return page.items.map(orderOf);
    },

    /**
     * Order, look-up, request and event are written together or not at all. A repeated request answers its order as it is now.
     * @throws AppError NOT_FOUND USER_NOT_FOUND once the erasure of the buyer has begun, which would not see this address
     */
    async create(ctx: Context, mutation: Mutation, make: () => Promise<Order>): Promise<Order> {
      let created: Order | undefined;
      const first = await once(ctx, db, orderTable, mutation, async () => {
        const order = await make();
        const { userId, orderId } = order;
        const events = eventsOf(ctx, order);
        const saga = { sagaShard: sagaShard(orderId), sagaDueAt: dueKey(now() + LEASE_MS), sagaTries: 0 };
        const result = await db.transact(ctx, [
          check(orderTable, keys.erasure(userId), absent()),
          insert(orderTable, { ...keys.order(userId, orderId), ...order, ...saga }),
          insert(orderTable, { ...keys.ref(orderId), userId }),
          ...events.map((event) => insert(orderTable, event)),
          requestRow(orderTable, mutation, { userId, orderId }),
        ]);
        // Operation 0 is the mark of the eraser.
        if (!result.ok) throw result.failed.some(({ index }) => index === 0) ? userNotFound(userId) : lostRace();
        crashPoint('order.after-pending');
        relay.nudge(events);
        created = order;
        return { userId, orderId };
      });
      const order = created ?? (await get(ctx, first.userId, first.orderId));
      if (!order) throw new Error(`order ${first.orderId} is gone, though its request is here`);
      return order;
    },

    reserved: (ctx: Context, order: Order) => moveTo(ctx, order, { state: 'RESERVED' }),
    paid: (ctx: Context, order: Order) => moveTo(ctx, order, { state: 'PAID' }),
    failed: (ctx: Context, order: Order, failure: Failure) => moveTo(ctx, order, { state: 'FAILED', failure }),

    /** Calls an open order off; undefined when another change came first. An order called off before only keeps the request. */
    cancel: async (ctx: Context, mutation: Mutation, order: Order): Promise<Order | undefined> => {
      let cancelled: Order | undefined;
      const first = await once(ctx, db, orderTable, mutation, async () => {
        const { userId, orderId } = order;
        const request = requestRow(orderTable, mutation, { userId, orderId });
        if (isOpen(order)) {
          const result = await move(ctx, order, { state: 'CANCELLED' }, [request]);
          // Operation 0 is the order: if it stands, only the request row can have failed.
          if ('failed' in result) {
            if (!result.failed.includes(0)) throw lostRace();
            return null;
          }
          crashPoint('order.after-cancelled');
          cancelled = result.moved;
        } else if (!(await db.write(ctx, request)).ok) throw lostRace();
        return { userId, orderId };
      });
      return cancelled ?? (first ? get(ctx, first.userId, first.orderId) : undefined);
    },
  };
};

/** The order is still as it was read. */
export const asSeen = ({ state, version }: Order) => all(eq('state', state), eq('version', version));
