import { assertAlive, type Clock, type Context, type Mutation } from '@plaza/core';
import { absent, check, lostRace, once, requestRow, type Db } from '@plaza/dynamo';

import type { Cart, CartChange, CartItem, CartItems } from '../domain/cart.ts';
import { userNotFound } from '../domain/errors.ts';
import { fillCart, readCart } from './cart-row.ts';
import { keys, orderTable } from './table.ts';

export type CartStore = ReturnType<typeof createCartStore>;

/** Lost in a row. */
const MAX_TRIES = 10;

/** One cart for each person, in one row. */
export const createCartStore = ({ db, now, newId }: { db: Db; now: Clock; newId: () => string }) => ({
  get: (ctx: Context, userId: string): Promise<Cart> => readCart(ctx, db, userId, now()),

  /**
   * Changes the cart as `decide` says, and answers its item. Who comes second reads again and decides again. A repeated request
   * answers what the first one did.
   * @throws AppError NOT_FOUND USER_NOT_FOUND once the erasure of the person has begun, which would not see this cart
   * @throws AppError ABORTED WRITE_CONFLICT when the cart changes all the time
   */
  change: (
    ctx: Context,
    mutation: Mutation,
    userId: string,
    decide: (items: CartItems) => CartChange | Promise<CartChange>,
  ): Promise<CartItem | null> =>
    once(ctx, db, orderTable, mutation, async () => {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        assertAlive(ctx);
        const seen = await readCart(ctx, db, userId, now());
        const { items, item } = await decide(seen.items);
        const result = await db.transact(ctx, [
          check(orderTable, keys.erasure(userId), absent()),
          requestRow(orderTable, mutation, item),
          ...(items === seen.items ? [] : [fillCart(seen, items, { version: newId(), now: now() })]),
        ]);
        if (result.ok) return item;
        const failed = new Set(result.failed.map(({ index }) => index));
        // Operation 0 is the mark of the eraser, 1 the request.
        if (failed.has(0)) throw userNotFound(userId);
        if (failed.has(1)) break;
      }
      throw lostRace();
    }),
});
