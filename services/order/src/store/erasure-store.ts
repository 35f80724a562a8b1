import type { Clock, Context } from '@plaza/core';
import { all, exists, lacks, lostRace, remove, update, type Changes, type Db, type Item, type WriteOp } from '@plaza/dynamo';

import { BLANK } from '../domain/order.ts';
import { keys, orderTable } from './table.ts';

/** Of one transaction, beside the count. */
const BATCH = 50;
/** Lost in a row. */
const MAX_TRIES = 20;

export type ErasureStore = ReturnType<typeof createErasureStore>;

/** What was erased of a person, over all tries. */
export interface Erasure {
  readonly addresses: number;
  readonly carts: number;
}

/** Takes the addresses out of a buyer's orders, and the cart away. What was done is counted in the transaction that did it. */
export const createErasureStore = ({ db, now }: { db: Db; now: Clock }) => {
  const note = (userId: string, changes: Changes): WriteOp => update(orderTable, keys.erasure(userId), changes);

  /** The mark goes first: no order and no cart is written from then on, and what was written before is seen. */
  const begin = (ctx: Context, userId: string) => db.write(ctx, note(userId, { setOnce: { beganAt: now() } }));

  /** Blanks those that are not yet; false when another delivery was quicker with one of them. */
  const blank = async (ctx: Context, userId: string, rows: readonly Item[]): Promise<boolean> => {
    const written = rows.filter((row) => row['erasedAt'] === undefined);
    if (written.length === 0) return true;
    const set = { address: BLANK, erasedAt: now() };
    const { ok } = await db.transact(ctx, [
      // Neither state nor version: a saga that has read the order goes on undisturbed, and never writes the address.
      ...written.map((row) => update(orderTable, row, { set }, all(exists(), lacks('erasedAt')))),
      note(userId, { add: { addresses: written.length } }),
    ]);
    return ok;
  };

  return {
    /** What was erased, once that is finished. */
    async finished(ctx: Context, userId: string): Promise<Erasure | undefined> {
      const row = await db.get(ctx, orderTable, keys.erasure(userId));
      return row?.['doneAt'] === undefined ? undefined : erasureOf(row);
    },

    /** A cart that is not there, or was taken away by an earlier try, is not counted. */
    async removeCart(ctx: Context, userId: string): Promise<void> {
      await begin(ctx, userId);
      await db.transact(ctx, [remove(orderTable, keys.cart(userId), exists()), note(userId, { add: { carts: 1 } })]);
    },

    /** Of every order of the buyer; those that an earlier try blanked are left as they are. */
    async blankAddresses(ctx: Context, userId: string): Promise<void> {
      await begin(ctx, userId);
      const { pk } = keys.order(userId, '');
      for (let after: Item | undefined, tries = 0; ;) {
        const page = await db.query(ctx, orderTable, { pk, sk: { beginsWith: 'O#' }, limit: BATCH, after });
        if (!(await blank(ctx, userId, page.items))) {
          if (++tries > MAX_TRIES) throw lostRace();
          continue;
        }
        tries = 0;
        if (page.after === undefined) return;
        after = page.after;
      }
    },

    async finish(ctx: Context, userId: string): Promise<Erasure> {
      await db.write(ctx, note(userId, { set: { doneAt: now() } }));
      return erasureOf(await db.get(ctx, orderTable, keys.erasure(userId)));
    },
  };
};

const erasureOf = (row: Item | undefined): Erasure => ({
  addresses: Number(row?.['addresses'] ?? 0),
  carts: Number(row?.['carts'] ?? 0),
});
