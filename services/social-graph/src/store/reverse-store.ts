import type { Context } from '@plaza/core';
import type { Db } from '@plaza/dynamo';

import type { Towards } from '../domain/visibility.ts';
import { graph, keys } from './table.ts';

export type ReverseStore = ReturnType<typeof createReverseStore>;

/** What others have to do with one person: too much for a famous one to be remembered, so it is read pair by pair. */
export const createReverseStore = ({ db }: { db: Db }) => ({
  async towards(ctx: Context, userId: string, otherIds: readonly string[]): Promise<Towards> {
    const ids = [...new Set(otherIds)];
    const [follows, requests] = await Promise.all([
      db.batchGet(
        ctx,
        graph,
        ids.map((id) => keys.following(id, userId)),
      ),
      db.batchGet(
        ctx,
        graph,
        ids.map((id) => keys.requested(id, userId)),
      ),
    ]);
    return {
      followers: new Set(ids.filter((_, i) => follows[i])),
      requesters: new Set(ids.filter((_, i) => requests[i])),
    };
  },
});
