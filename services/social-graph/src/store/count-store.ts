import { crashPoint, type Clock, type Context } from '@plaza/core';
import { createTally, type Db, type Item } from '@plaza/dynamo';
import { appliedRow } from '@plaza/events';

import type { Counts } from '../domain/list.ts';
import { graph, keys } from './table.ts';
import { tiesIn } from './tie-rows.ts';

/** One event about follows, as the count of followers takes it. */
export interface Gain {
  readonly durable: string;
  readonly eventId: string;
  /** Each once, at most 45. */
  readonly followeeIds: readonly string[];
  readonly by: 1 | -1;
}

export type CountStore = ReturnType<typeof createCountStore>;

export const createCountStore = ({ db, now }: { db: Db; now: Clock }) => {
  const tally = createTally({ db, table: graph, committed: () => crashPoint('graph.after-count') });
  return {
    /** In the order of the ids. Of followees exact, of followers as far as events have been applied. */
    async counts(ctx: Context, userIds: readonly string[]): Promise<Counts[]> {
      const ids = [...new Set(userIds)];
      const rows = await db.batchGet(
        ctx,
        graph,
        ids.flatMap((id) => [keys.followersCount(id), keys.ties(id)]),
      );
      const found = new Map(
        ids.map((userId, i) => [
          userId,
          { userId, followers: countIn(rows[2 * i]), following: tiesIn(rows[2 * i + 1]).following },
        ]),
      );
      return userIds.map((id) => found.get(id)!);
    },

    /** Counts an event once. `moves` grows with each, so that who recounts sees that something moved. */
    apply: (ctx: Context, { durable, eventId, followeeIds, by }: Gain): Promise<void> =>
      tally.apply(ctx, {
        mark: appliedRow(durable, eventId, now()),
        additions: followeeIds.map((id) => ({ key: keys.followersCount(id), add: { count: by, moves: 1 } })),
      }),
  };
};

/** Below zero only while a follow is still on its way and its unfollow is not. */
const countIn = (row: Item | undefined): number => Math.max(0, Number(row?.['count'] ?? 0));
