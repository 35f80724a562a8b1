import type { Clock, Context, Mutation } from '@plaza/core';
import { lostRace, once, requestRow, type Db, type WriteOp } from '@plaza/dynamo';

import { assertSameHold, holdToCapture, isToRelease, type Hold, type Payout } from '../domain/hold.ts';
import {
  captureRows,
  defect,
  HOLD_ROW,
  placeRows,
  releaseRows,
  tombstoneRows,
  unaffordable,
  unpayable,
  type Failed,
} from './hold-rows.ts';
import { DONE, remember } from './remember.ts';
import { keys, read, usersTable } from './table.ts';

export type HoldStore = ReturnType<typeof createHoldStore>;

/** Money set aside for orders. Everything is idempotent twice: by request id, and by the state of the order's hold. */
export const createHoldStore = ({ db, now }: { db: Db; now: Clock }) => {
  /** Takes the money out of what is available, if that much is. */
  const place = async (ctx: Context, mutation: Mutation, hold: Hold): Promise<void> => {
    await once(ctx, db, usersTable, mutation, async () => {
      const written = await db.transact(ctx, [...placeRows(hold, now()), requestRow(usersTable, mutation, DONE)]);
      if (written.ok) return DONE;
      const existing = read<Hold>(written.failed.find(({ index }) => index === HOLD_ROW)?.item);
      if (existing === undefined) throw unaffordable(hold, written.failed) ?? lostRace();
      assertSameHold(existing, hold);
      return remember(ctx, db, mutation);
    });
  };

  /** Pays the sellers, all or none. */
  const capture = (ctx: Context, mutation: Mutation, orderId: string, payouts: readonly Payout[]): Promise<void> => {
    const rowsFor = (hold: Hold | undefined) => {
      const held = holdToCapture(hold, payouts);
      return held && captureRows(held, payouts, now());
    };
    return settle(ctx, mutation, orderId, rowsFor, (failed) => unpayable(payouts, failed));
  };

  /** Gives the money back, or forbids a hold that has not come yet. */
  const release = (ctx: Context, mutation: Mutation, orderId: string): Promise<void> => {
    const rowsFor = (hold: Hold | undefined) => {
      if (hold === undefined) return tombstoneRows(orderId, now());
      return isToRelease(hold) ? releaseRows(hold, now()) : undefined;
    };
    return settle(ctx, mutation, orderId, rowsFor, () => undefined);
  };

  /**
   * Judges the stored hold and writes what follows; no rows means that it was settled so before. When the hold changed in
   * between it is judged again: it is made once and leaves HELD once, so the third round is the last.
   */
  const settle = async (
    ctx: Context,
    mutation: Mutation,
    orderId: string,
    rowsFor: (hold: Hold | undefined) => WriteOp[] | undefined,
    refusal: (failed: Failed) => Error | undefined,
  ): Promise<void> => {
    await once(ctx, db, usersTable, mutation, async () => {
      for (;;) {
        const rows = rowsFor(read<Hold>(await db.get(ctx, usersTable, keys.hold(orderId))));
        if (rows === undefined) return remember(ctx, db, mutation);
        const written = await db.transact(ctx, [...rows, requestRow(usersTable, mutation, DONE)]);
        if (written.ok) return DONE;
        const holdChanged = written.failed.some(({ index }) => index === HOLD_ROW);
        // What is held is there, and in one currency; if not, a race to be lost for ever would hide the loss.
        if (!holdChanged) throw refusal(written.failed) ?? defect(rows, written.failed) ?? lostRace();
      }
    });
  };

  return { place, capture, release };
};
