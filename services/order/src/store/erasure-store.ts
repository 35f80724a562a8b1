import type { Clock, Context } from '@plaza/core';
import { all, exists, lacks, lostRace, update, type Changes, type Db, type Item, type WriteOp } from '@plaza/dynamo';

import { BLANK } from '../domain/order.ts';
import { keys, orderTable } from './table.ts';

/** Of one transaction, beside the count. */
const BATCH = 50;
/** Lost in a row. */
const MAX_TRIES = 20;

export type ErasureStore = ReturnType<typeof createErasureStore>;

/** Takes the addresses out of a buyer's orders. What was done is counted in the transaction that did it. */
export const createErasureStore = ({ db, now }: { db: Db; now: Clock }) => {
  const note = (userId: string, changes: Changes): WriteOp => update(orderTable, keys.erasure(userId), changes);

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
    /** How many addresses were erased, once that is finished. */
    async finished(ctx: Context, userId: string): Promise<number | undefined> {
      const row = await db.get(ctx, orderTable, keys.erasure(userId));
      return row?.['doneAt'] === undefined ? undefined : Number(row['addresses'] ?? 0);
    },

    /**
     * Of every order of the buyer; those that an earlier try blanked are left as they are. The mark goes first: `create` is
     * refused from then on, and what it wrote before is seen here.
     */
    async blankAddresses(ctx: Context, userId: string): Promise<void> {
      await db.write(ctx, note(userId, { setOnce: { beganAt: now() } }));
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

    async finish(ctx: Context, userId: string): Promise<number> {
      await db.write(ctx, note(userId, { set: { doneAt: now() } }));
      return Number((await db.get(ctx, orderTable, keys.erasure(userId)))?.['addresses'] ?? 0);
    },
  };
};
