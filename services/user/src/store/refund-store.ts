import type { Clock, Context, Mutation } from '@plaza/core';
import { lostRace, once, requestRow, type Db } from '@plaza/dynamo';

import type { Hold, Payout } from '../domain/hold.ts';
import { refundedHold, shortOf, type HoldRefund } from '../domain/refund.ts';
import { defect } from './hold-rows.ts';
import { lostTheHold, refundRows, refusalRows, shortageIn } from './refund-rows.ts';
import { DONE, remember } from './remember.ts';
import { keys, read, usersTable } from './table.ts';

export type RefundStore = ReturnType<typeof createRefundStore>;

/** Money of captured holds that goes back to the buyer. Idempotent twice: by request id, and by refund id for good. */
export const createRefundStore = ({ db, now }: { db: Db; now: Clock }) => {
  /** The hold first: whatever it tells of this refund, the verdict that is read after it tells too. */
  const found = async (ctx: Context, orderId: string, refundId: string) => {
    const hold = read<Hold>(await db.get(ctx, usersTable, keys.hold(orderId)));
    return { hold, verdict: read<HoldRefund>(await db.get(ctx, usersTable, keys.refund(orderId, refundId))) };
  };

  return {
    /**
     * Takes all parts back, or none. Who loses a race with another refund of the order is judged again: each round is another's success.
     * @throws what refundedHold throws, and FAILED_PRECONDITION INSUFFICIENT_FUNDS, which is this refund's verdict for good
     */
    async make(ctx: Context, mutation: Mutation, orderId: string, refundId: string, parts: readonly Payout[]): Promise<void> {
      await once(ctx, db, usersTable, mutation, async () => {
        for (;;) {
          const { hold, verdict } = await found(ctx, orderId, refundId);
          const after = refundedHold(hold, verdict, parts);
          if (hold === undefined || after === undefined) return remember(ctx, db, mutation);
          const rows = refundRows(hold, after, { refundId, parts }, now());
          const written = await db.transact(ctx, [...rows, requestRow(usersTable, mutation, DONE)]);
          if (written.ok) return DONE;
          if (lostTheHold(written.failed)) continue;
          const shortage = shortageIn(parts, written.failed);
          if (!shortage) throw defect(rows, written.failed) ?? lostRace();
          const refused = await db.transact(ctx, refusalRows(hold, { refundId, parts, shortage }, now()));
          if (refused.ok) throw shortOf(shortage);
        }
      });
    },
  };
};
