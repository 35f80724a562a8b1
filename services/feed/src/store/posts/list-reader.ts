import { idTime, type Clock, type Context } from '@plaza/core';
import type { Db, Item } from '@plaza/dynamo';

import { dayOf, type ListName } from '../../domain/posts/places.ts';
import { createJoinedReads } from './joined-reads.ts';
import { keys, postsTable, shardsOf, type SpreadList } from '../table.ts';

/** How far back the list of everybody's posts goes, in days. */
export const PUBLIC_DAYS = 30;

/** `id` is where the row stands. */
export interface ListRow {
  readonly id: string;
  readonly item: Item;
}

/** Another replica's clock may be ahead, and with it the ids of its posts. */
const MAX_SKEW_MS = 60_000;

/** A stretch of a list, newest first; `end` says whether nothing older is in it. */
export interface Rows {
  readonly rows: readonly ListRow[];
  readonly end: boolean;
}

/** Reads a list from below a position. */
export type ReadList = (ctx: Context, before: string | undefined, limit: number) => Promise<Rows>;

export interface Liker {
  readonly userId: string;
  readonly likeId: string;
  readonly likedAt: number;
}

export type ListReader = ReturnType<typeof createListReader>;

/** The lists in which posts, likes and reposts stand, by strongly consistent reads: what was acknowledged is in them. */
export const createListReader = ({ db, now }: { db: Db; now: Clock }) => {
  /** Merges partitions that share one order. Each is asked for a whole stretch: all of it may lie in one of them. */
  const merged = async (
    ctx: Context,
    partitions: readonly string[],
    before: string | undefined,
    limit: number,
  ): Promise<Rows> => {
    const pages = await Promise.all(
      partitions.map((pk) =>
        db.query(ctx, postsTable, {
          pk,
          descending: true,
          // One more than asked for tells whether there is one more.
          limit: limit + 1,
          after: before === undefined ? undefined : { pk, sk: before },
        }),
      ),
    );
    const found = pages
      .flatMap(({ items }) => items)
      .toSorted((a, b) => (a.sk < b.sk ? 1 : -1))
      .map((item) => ({ id: item.sk, item }));
    return { rows: found.slice(0, limit), end: found.length <= limit };
  };

  /** Days that may have PUBLIC posts, the last first. */
  const days = async (ctx: Context, newest: string): Promise<string[]> => {
    const oldest = dayOf(now() - PUBLIC_DAYS * 24 * 3_600_000);
    if (oldest > newest) return [];
    const { items } = await db.query(ctx, postsTable, {
      pk: keys.publicDay('').pk,
      sk: { between: [oldest, newest] },
      descending: true,
    });
    return items.map(({ sk }) => sk);
  };

  const spread =
    (list: Exclude<SpreadList & ListName, 'PUBLIC'> | 'LIKES' | 'REPOSTS', of: string): ReadList =>
    (ctx, before, limit) =>
      merged(ctx, shardsOf(list, of), before, limit);

  const joined = createJoinedReads<Rows>();

  const publicPosts: ReadList = async (ctx, before, limit) => {
    const rows: ListRow[] = [];
    const newest = dayOf(before === undefined ? now() + MAX_SKEW_MS : idTime(before));
    for (const day of await days(ctx, newest)) {
      const page = await merged(ctx, shardsOf('PUBLIC', day), before, limit - rows.length);
      rows.push(...page.rows);
      if (!page.end || rows.length === limit) return { rows, end: false };
    }
    return { rows, end: true };
  };

  return {
    /** The posts of an author. */
    author:
      (authorId: string): ReadList =>
      async (ctx, before, limit) => {
        const { items } = await db.query(ctx, postsTable, {
          pk: keys.authorPost(authorId, '').pk,
          sk: { beginsWith: 'P#' },
          descending: true,
          limit: limit + 1,
          after: before === undefined ? undefined : keys.authorPost(authorId, before),
        });
        const rows = items.slice(0, limit).map((item) => ({ id: item.sk.slice('P#'.length), item }));
        return { rows, end: items.length <= limit };
      },

    /** A list that is spread: `of` is the post, the hashtag or the product. */
    spread,

    /** Who likes a post. */
    async likers(
      ctx: Context,
      postId: string,
      before: string | undefined,
      limit: number,
    ): Promise<{ likers: Liker[]; end: boolean }> {
      const { rows, end } = await spread('LIKES', postId)(ctx, before, limit);
      const likers = rows.map(({ id, item }) => ({
        likeId: id,
        userId: item['userId'] as string,
        likedAt: Number(item['likedAt']),
      }));
      return { likers, end };
    },

    /** The PUBLIC posts of everybody, of the last 30 days. All who ask for one page at one moment share its reads. */
    everybody: (): ReadList => (ctx, before, limit) =>
      joined(ctx, `${before} ${limit}`, (shared) => publicPosts(shared, before, limit)),

    /** What a person has bookmarked; `item.postId` is the post. */
    bookmarks:
      (userId: string): ReadList =>
      async (ctx, before, limit) =>
        merged(ctx, [keys.bookmark(userId, '').pk], before, limit),
  };
};
