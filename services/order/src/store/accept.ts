import { assertAlive, crashPoint, type Context, type Mutation } from '@plaza/core';
import { absent, check, lostRace, once, requestRow } from '@plaza/dynamo';

import { userNotFound } from '../domain/errors.ts';
import { actorOf, type Order } from '../domain/order.ts';
import { emptyCart, type SeenCart } from './cart-row.ts';
import { eventsOf } from './events.ts';
import { firstRows, type StoreDeps } from './moves.ts';
import { keys, orderTable } from './table.ts';

/** An order to be accepted, and the cart that it empties, if it is of one. */
interface Draft {
  readonly order: Order;
  readonly cart?: SeenCart;
}

/** Carts that changed in a row while their order was priced. */
const MAX_TRIES = 10;

/** The one way in which an order begins; see `create` and `createFromCart` of the store. */
export const createAccept = (
  { db, relay }: StoreDeps,
  get: (ctx: Context, userId: string, orderId: string) => Promise<Order | undefined>,
) => {
  /** Undefined when the cart was changed since it was read. */
  const write = async (ctx: Context, mutation: Mutation, { order, cart }: Draft): Promise<Order | undefined> => {
    const { userId, orderId } = order;
    const happening = { kind: 'CREATED', actor: actorOf(ctx.caller) } as const;
    const events = eventsOf(ctx, order, happening);
    const rows = firstRows(order, events, happening);
    const result = await db.transact(ctx, [
      check(orderTable, keys.erasure(userId), absent()),
      requestRow(orderTable, mutation, { userId, orderId }),
      ...(cart ? [emptyCart(cart)] : []),
      ...rows,
    ]);
    if (result.ok) {
      crashPoint('order.after-pending');
      relay.nudge(events);
      return order;
    }
    const failed = new Set(result.failed.map(({ index }) => index));
    // Operation 0 is the mark of the eraser, 1 the request, 2 the cart.
    if (failed.has(0)) throw userNotFound(userId);
    if (failed.has(1) || !cart || !failed.has(2)) throw lostRace();
    return undefined;
  };

  return async (ctx: Context, mutation: Mutation, draft: () => Promise<Draft>): Promise<Order> => {
    let created: Order | undefined;
    const first = await once(ctx, db, orderTable, mutation, async () => {
      for (let tries = 0; !created; tries++) {
        if (tries === MAX_TRIES) throw lostRace();
        assertAlive(ctx);
        created = await write(ctx, mutation, await draft());
      }
      return { userId: created.userId, orderId: created.orderId };
    });
    const order = created ?? (await get(ctx, first.userId, first.orderId));
    if (!order) throw new Error(`order ${first.orderId} is gone, though its request is here`);
    return order;
  };
};
