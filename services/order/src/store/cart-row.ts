import type { Context } from '@plaza/core';
import { absent, eq, put, remove, ttl, type Db, type WriteOp } from '@plaza/dynamo';

import { CART_SECONDS, type Cart, type CartItems } from '../domain/cart.ts';
import { keys, orderTable } from './table.ts';

/** A cart as it was read. */
export interface SeenCart extends Cart {
  readonly userId: string;
  /**
   * Another with each change, and never one again: a cart that was emptied and filled anew is not the one that was read. Undefined
   * when there is no row; an expired row, which holds nothing more, has one until it is deleted.
   */
  readonly version: string | undefined;
}

/** TTL deletion comes late, so that an expired row counts as none. */
export const readCart = async (ctx: Context, db: Db, userId: string, now: number): Promise<SeenCart> => {
  const row = await db.get(ctx, orderTable, keys.cart(userId));
  const expiresAt = Number(row?.expiresAt ?? 0) * 1000;
  const items = expiresAt > now ? (row!['items'] as CartItems) : {};
  return { userId, items, expiresAt, version: row?.['version'] as string | undefined };
};

/** Deletes the cart if it is still as it was read. */
export const emptyCart = ({ userId, version }: SeenCart): WriteOp =>
  remove(orderTable, keys.cart(userId), version === undefined ? absent() : eq('version', version));

/** Makes the cart hold these items if it is still as it was read; a cart of none is no row. */
export const fillCart = (seen: SeenCart, items: CartItems, next: { version: string; now: number }): WriteOp => {
  if (Object.keys(items).length === 0) return emptyCart(seen);
  const row = { ...keys.cart(seen.userId), items, version: next.version, expiresAt: ttl(next.now, CART_SECONDS) };
  return put(orderTable, row, seen.version === undefined ? absent() : eq('version', seen.version));
};
