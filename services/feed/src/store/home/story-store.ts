import { idTime, type Context } from '@plaza/core';
import { absent, any, check, eq, lt, lte, put, ttl, update, type Db, type WriteOp } from '@plaza/dynamo';

import { FEED_WINDOW_MS } from '../../domain/home/fan-out.ts';
import type { News } from '../../domain/home/story.ts';
import { keys, postsTable } from '../table.ts';
import { storyRow } from './story-row.ts';

/** Whoever reserves and cancels the last unit, or changes a price, over and over must not fill the feeds of all whom it is told. */
const TURNS_APART_MS = 3_600_000;

export type StoryStore = ReturnType<typeof createStoryStore>;

/**
 * Fails whatever would put something into the timeline of who is erased: the mark goes first, so that either the eraser finds the row,
 * or the row is not written. Products are never erased, and are asked for to no effect.
 */
export const unlessErased = (userId: string): WriteOp => check(postsTable, keys.engagementsErased(userId), absent());

/**
 * Says that a source has stories, up to this place; after the story is written. Whoever reads in between finds none yet, and is brought it by
 * the fan-out, which follows.
 */
export const markStory = async (db: Pick<Db, 'transact'>, ctx: Context, sourceId: string, place: string): Promise<void> => {
  // If it fails, there is a later story, or the source is erased.
  await db.transact(ctx, [
    update(postsTable, keys.lastStory(sourceId), { set: { lastId: place } }, any(absent(), lt('lastId', place))),
    unlessErased(sourceId),
  ]);
};

/** News of products. They are news for as long as a feed keeps rows, and then expire. */
export const createStoryStore = ({ db }: { db: Pick<Db, 'transact' | 'write'> }) => ({
  /** Whether this turn of a product's price or stock may be told: one of each kind an hour may, the one that comes first; it may at each delivery. */
  async mayTell(ctx: Context, storyId: string, { productId, news }: Pick<News, 'productId' | 'news'>): Promise<boolean> {
    const until = idTime(storyId) + TURNS_APART_MS;
    const set = { storyId, until, expiresAt: ttl(until + FEED_WINDOW_MS, 0) };
    const isApart = any(absent(), lte('until', idTime(storyId)), eq('storyId', storyId));
    return (await db.write(ctx, update(postsTable, keys.turnTold(productId, news), { set }, isApart))).ok;
  },

  /** Writes the same rows however often; false if the seller is erased. */
  async tell(ctx: Context, storyId: string, news: readonly News[]): Promise<boolean> {
    const expiresAt = ttl(idTime(storyId) + FEED_WINDOW_MS, 0);
    const sellers = [...new Set(news.map(({ sellerId }) => sellerId))];
    const { ok } = await db.transact(ctx, [
      ...news.map((one) => put(postsTable, { ...storyRow(storyId, one), expiresAt })),
      ...sellers.map(unlessErased),
    ]);
    if (!ok) return false;
    for (const { sourceId } of news) await markStory(db, ctx, sourceId, storyId);
    return true;
  },
});
