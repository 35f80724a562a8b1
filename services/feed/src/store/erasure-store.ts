import type { Clock, Context } from '@plaza/core';
import { exists, lostRace, remove, ttl, update, type Db, type Item, type WriteOp } from '@plaza/dynamo';

import { isDeleted, type Post } from '../domain/posts/post.ts';
import type { HomeFeedStore } from './home/home-feed-store.ts';
import { burials } from './posts/burial.ts';
import type { ListReader } from './posts/list-reader.ts';
import type { PostReader } from './posts/post-reader.ts';
import { homeFeedTable, isFeedRow, keys, postsTable } from './table.ts';

/** Posts that are read at once. */
const BATCH = 32;
/** Of one transaction, beside the count. */
const FEED_BATCH = 96;
/** Lost in a row. */
const MAX_TRIES = 20;
/** Longer than an event may come again, 7 days, and no longer: the fan-out reads all of these marks with every chunk. */
export const KEPT_SECONDS = 8 * 24 * 3600;
/** Up to so many people are asked for one by one, at a read unit each, however many marks there are. */
const FEW = 4;

export interface ErasedRows {
  readonly posts: number;
  /** Of the person's own home feed. */
  readonly feedRows: number;
  readonly likes: number;
  readonly reposts: number;
  readonly bookmarks: number;
  /** Purchases and product news in the person's timeline. */
  readonly stories: number;
  readonly saves: number;
}

export type ErasureStore = ReturnType<typeof createErasureStore>;

interface Parts {
  readonly db: Db;
  readonly posts: Pick<PostReader, 'getMany'>;
  readonly lists: Pick<ListReader, 'author'>;
  readonly homeFeeds: Pick<HomeFeedStore, 'some' | 'forgetHead'>;
  readonly now: Clock;
}

/** Takes a person out of posts and feeds. What was done is counted in the transaction that did it. */
export const createErasureStore = ({ db, posts, lists, homeFeeds, now }: Parts) => {
  const note = (
    userId: string,
    changes: { set?: { doneAt: number }; add?: Partial<Record<keyof ErasedRows, number>> },
  ): WriteOp =>
    update(postsTable, keys.erasure(userId), { ...changes, set: { ...changes.set, expiresAt: ttl(now(), KEPT_SECONDS) } });

  /** As DeletePost does, for as many as fit; false when one of them changed meanwhile. */
  const bury = async (ctx: Context, authorId: string, postIds: readonly string[]): Promise<boolean> => {
    const found = await posts.getMany(ctx, postIds);
    const isLiving = (post: (typeof found)[number]): post is Post => post !== undefined && !isDeleted(post);
    // A deletion takes the post out of its author's list; if one is there all the same, it must not be met again and again.
    const dead = postIds.filter((_id, i) => !isLiving(found[i]));
    await db.batchWrite(ctx, postsTable, { remove: dead.map((postId) => keys.authorPost(authorId, postId)) });
    const { rows, posts: count } = burials(found.filter(isLiving), now(), ctx.trace);
    if (count === 0) return true;
    const result = await db.transact(ctx, [...rows, note(authorId, { add: { posts: count } })]);
    return result.ok;
  };

  return {
    /** Who of these people is being erased, or was within the last 8 days. */
    async erased(ctx: Context, people: ReadonlySet<string>): Promise<ReadonlySet<string>> {
      const marks =
        people.size <= FEW
          ? await db.batchGet(ctx, postsTable, [...people].map(keys.erasure))
          : (await db.query(ctx, postsTable, { pk: keys.erasure('').pk })).items;
      return new Set(marks.flatMap((mark) => (mark && people.has(mark.sk) ? [mark.sk] : [])));
    },

    async finished(ctx: Context, userId: string): Promise<ErasedRows | undefined> {
      const row = await db.get(ctx, postsTable, keys.erasure(userId));
      return row?.['doneAt'] === undefined ? undefined : rowsIn(row);
    },

    /** Goes first: from here on nothing is delivered to the person, so that what is taken out stays out. */
    async begin(ctx: Context, userId: string): Promise<void> {
      await db.write(ctx, note(userId, {}));
    },

    /** Until the author's timeline is empty. The text of posts that were deleted before is gone already. */
    async erasePosts(ctx: Context, authorId: string): Promise<void> {
      for (let tries = 0; ;) {
        const { rows } = await lists.author(authorId)(ctx, undefined, BATCH);
        if (rows.length === 0) break;
        const ids = rows.map(({ id }) => id);
        if (await bury(ctx, authorId, ids)) tries = 0;
        else if (++tries > MAX_TRIES) throw lostRace();
      }
      for (const mark of [keys.authorLast(authorId), keys.mode(authorId)]) await db.write(ctx, remove(postsTable, mark));
    },

    async eraseFeed(ctx: Context, viewerId: string): Promise<void> {
      for (let tries = 0; ;) {
        const rows = await homeFeeds.some(ctx, viewerId, FEED_BATCH);
        if (rows.length === 0) break;
        const { ok } = await db.transact(ctx, [
          ...rows.map((row) => remove(homeFeedTable, row, exists())),
          note(viewerId, { add: { feedRows: rows.filter(isFeedRow).length } }),
        ]);
        if (ok) tries = 0;
        else if (++tries > MAX_TRIES) throw lostRace();
      }
      await homeFeeds.forgetHead(ctx, viewerId);
    },

    async finish(ctx: Context, userId: string): Promise<ErasedRows> {
      await db.write(ctx, note(userId, { set: { doneAt: now() } }));
      return rowsIn(await db.get(ctx, postsTable, keys.erasure(userId)));
    },
  };
};

const rowsIn = (row: Item | undefined): ErasedRows => ({
  posts: Number(row?.['posts'] ?? 0),
  feedRows: Number(row?.['feedRows'] ?? 0),
  likes: Number(row?.['likes'] ?? 0),
  reposts: Number(row?.['reposts'] ?? 0),
  bookmarks: Number(row?.['bookmarks'] ?? 0),
  stories: Number(row?.['stories'] ?? 0),
  saves: Number(row?.['saves'] ?? 0),
});
