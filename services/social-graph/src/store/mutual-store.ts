import type { Context, Stretch } from '@plaza/core';
import type { Db } from '@plaza/dynamo';

import type { ListStore } from './list-store.ts';
import { graph, keys } from './table.ts';

/** As many as one batch reads; five of them are what a page may cost. */
const CHUNK = 100;

export type MutualStore = ReturnType<typeof createMutualStore>;

export const createMutualStore = ({ db, lists }: { db: Db; lists: ListStore }) => ({
  /**
   * The next of those whom the viewer follows, the newest first, each with whether they follow the user. By the viewer's side, which has
   * at most 5,000 rows, and not by the user's, who may have millions of followers.
   */
  async next(ctx: Context, viewerId: string, userId: string, after: string | undefined): Promise<Stretch<string>> {
    const { rows, end } = await lists.newest(ctx, 'FT', viewerId, { size: CHUNK, after });
    const pairs = await db.batchGet(
      ctx,
      graph,
      rows.map((row) => keys.following(row.userId, userId)),
    );
    return { entries: rows.map((row, i) => ({ place: row.place, item: pairs[i] && row.userId })), end };
  },
});
