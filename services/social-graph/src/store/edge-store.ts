import type { Context } from '@plaza/core';
import type { Db, Item } from '@plaza/dynamo';

import type { Follow, FollowPage } from '../domain/edge.ts';
import { followersOf, followingOf, graph, keys } from './table.ts';

const CHUNK = 500;

interface Range {
  readonly size: number;
  /** Id of the last one seen. */
  readonly after: string | undefined;
}

export type EdgeStore = ReturnType<typeof createEdgeStore>;

/** Reads of edges, all strongly consistent. */
export const createEdgeStore = ({ db }: { db: Db }) => {
  const list = async (ctx: Context, pk: string, { size, after }: Range): Promise<FollowPage> => {
    // One more than asked for tells whether there is a next page.
    const page = await db.query(ctx, graph, { pk, limit: size + 1, after: after === undefined ? undefined : { pk, sk: after } });
    const follows = page.items.slice(0, size).map(toFollow);
    return { follows, next: page.items.length > size ? follows.at(-1)?.userId : undefined };
  };

  return {
    following: (ctx: Context, userId: string, range: Range) => list(ctx, followingOf(userId), range),
    followers: (ctx: Context, userId: string, range: Range) => list(ctx, followersOf(userId), range),

    /** Which of these the viewer follows now. */
    async followedAmong(ctx: Context, viewerId: string, authorIds: readonly string[]): Promise<Set<string>> {
      const ids = [...new Set(authorIds)];
      const rows = await db.batchGet(
        ctx,
        graph,
        ids.map((id) => keys.following(viewerId, id)),
      );
      return new Set(ids.filter((_, i) => rows[i]));
    },

    /** Ids of all followers, ascending, in chunks of at most 500. The next chunk is read only when it is asked for. */
    async *eachFollower(ctx: Context, authorId: string, after: string | undefined): AsyncIterable<string[]> {
      for (let from = after; ;) {
        const { follows, next } = await list(ctx, followersOf(authorId), { size: CHUNK, after: from });
        if (follows.length > 0) yield follows.map(({ userId }) => userId);
        if (next === undefined) return;
        from = next;
      }
    },
  };
};

const toFollow = (row: Item): Follow => ({ userId: row.sk, followedAt: Number(row['followedAt']) });
