import type { Clock, Context } from '@plaza/core';
import { put, type Db } from '@plaza/dynamo';
import { appliedRow } from '@plaza/events';

import { homeFeedTable } from '../table.ts';

export type AppliedStore = ReturnType<typeof createAppliedStore>;

/**
 * Which events were worked into home_feed. The work is idempotent without it; this spares doing a week's work again when the
 * archive is replayed. Kept in home_feed itself, so that a dropped table forgets it together with the rows.
 */
export const createAppliedStore = ({ db, now }: { db: Db; now: Clock }) => ({
  async has(ctx: Context, durable: string, eventId: string): Promise<boolean> {
    const { pk, sk } = appliedRow(durable, eventId, 0);
    return (await db.get(ctx, homeFeedTable, { pk, sk })) !== undefined;
  },

  async note(ctx: Context, durable: string, eventId: string): Promise<void> {
    await db.write(ctx, put(homeFeedTable, appliedRow(durable, eventId, now())));
  },
});
