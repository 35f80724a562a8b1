import type { Clock, Context } from '@plaza/core';
import type { Db, Item } from '@plaza/dynamo';

import type { Counts } from '../domain/list.ts';
import { createGainQueue } from './gain-queue.ts';
import { graph, keys } from './table.ts';
import { tiesIn } from './tie-rows.ts';

export type CountStore = ReturnType<typeof createCountStore>;

export const createCountStore = ({ db, now }: { db: Db; now: Clock }) => {
  const gains = createGainQueue({ db, now });
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

    /** Counts an event once. */
    apply: gains.apply,
  };
};

/** Below zero only while a follow is still on its way and its unfollow is not. */
const countIn = (row: Item | undefined): number => Math.max(0, Number(row?.['count'] ?? 0));
