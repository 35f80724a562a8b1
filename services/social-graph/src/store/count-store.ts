import { crashPoint, type Clock, type Context } from '@plaza/core';
import { insert, update, type Db, type Item } from '@plaza/dynamo';
import { appliedRow } from '@plaza/events';

import type { Counts } from '../domain/list.ts';
import { graph, keys } from './table.ts';
import { tiesIn } from './tie-rows.ts';

/** One event about edges, as the count of followers takes it. */
export interface Gain {
  readonly durable: string;
  readonly eventId: string;
  /** Each once, at most 45. */
  readonly followeeIds: readonly string[];
  readonly by: 1 | -1;
}

export type CountStore = ReturnType<typeof createCountStore>;

export const createCountStore = ({ db, now }: { db: Db; now: Clock }) => ({
  /** In the order of the ids. Of followees exact, of followers as far as events have been applied. */
  async counts(ctx: Context, userIds: readonly string[]): Promise<Counts[]> {
    const ids = [...new Set(userIds)];
    const rows = await db.batchGet(
      ctx,
      graph,
      ids.flatMap((id) => [keys.followersCount(id), keys.ties(id)]),
    );
    const found = new Map(
      ids.map((userId, i) => [userId, { userId, followers: countIn(rows[2 * i]), following: tiesIn(rows[2 * i + 1]).following }]),
    );
    return userIds.map((id) => found.get(id)!);
  },

  /** Counts an event once, however often and in whatever order events come: sums do not mind. */
  async apply(ctx: Context, { durable, eventId, followeeIds, by }: Gain): Promise<void> {
    const result = await db.transact(ctx, [
      insert(graph, appliedRow(durable, eventId, now())),
      ...followeeIds.map((id) => update(graph, keys.followersCount(id), { add: { count: by } })),
    ]);
    // Refused: an earlier delivery counted it.
    if (result.ok) crashPoint('graph.after-count');
  },
});

/** Below zero only while a follow is still on its way and its unfollow is not. */
const countIn = (row: Item | undefined): number => Math.max(0, Number(row?.['count'] ?? 0));
