import { firstIdAt, LAST_ID_TIME, lastIdAt, type Clock, type Context } from '@plaza/core';
import { any, lacks, lt, update, type Db, type Item } from '@plaza/dynamo';

import type { Notice, NoticeKind, Reading } from '../../domain/notifications/notice.ts';
import { keys, postsTable } from '../table.ts';
import { isSaved } from '../home/saved-rows.ts';
import { KEPT_MS, noticeIn } from './notice-rows.ts';

export type NoticeReader = ReturnType<typeof createNoticeReader>;

/**
 * What a person is told of. The index follows its table by some moments: what stands in it is proposed, and whoever waits for more
 * looks back a while (live/cursor.ts).
 */
export const createNoticeReader = ({ db, now }: { db: Db; now: Clock }) => {
  const between = async (ctx: Context, userId: string, range: { above: string; below?: string | undefined }, part: Part) => {
    // Expired rows may stay for two days.
    const low = [range.above, firstIdAt(now() - KEPT_MS)].sort().at(-1)!;
    const high = range.below ?? lastIdAt(LAST_ID_TIME);
    if (low > high) return { notices: [], end: true };
    const { items } = await db.query(ctx, postsTable, {
      index: 'byNotified',
      pk: userId,
      // Both ends are in it, which are not asked for, and one more tells whether there is more.
      sk: { between: [low, high] },
      descending: part.descending,
      limit: part.limit + 3,
    });
    const notices = items.map(noticeIn).filter(({ place }) => place > low && place !== range.below);
    return { notices: notices.slice(0, part.limit), end: notices.length <= part.limit };
  };

  return {
    /** The latest first, below one place and above another. */
    page: (ctx: Context, userId: string, range: { above: string; below: string | undefined }, limit: number): Promise<Stretch> =>
      between(ctx, userId, range, { limit, descending: true }),

    /** The earliest first, from above a place. */
    since: (ctx: Context, userId: string, above: string, limit: number): Promise<Stretch> =>
      between(ctx, userId, { above }, { limit, descending: false }),

    /** Which of the products the user keeps in view. */
    async saved(ctx: Context, userId: string, productIds: readonly string[]): Promise<ReadonlySet<string>> {
      if (productIds.length === 0) return new Set();
      const rows = await db.batchGet(
        ctx,
        postsTable,
        productIds.map((id) => keys.saved(userId, id)),
      );
      return new Set(productIds.filter((_id, i) => isSaved(rows[i])));
    },

    async reading(ctx: Context, userId: string): Promise<Reading> {
      return readingIn(await db.get(ctx, postsTable, keys.noticesRead(userId)));
    },

    /** Having read less than before changes nothing. Nobody has read what is to come. */
    async markRead(ctx: Context, userId: string, place: string): Promise<void> {
      const row = keys.noticesRead(userId);
      const isHigher = any(lacks('readUpTo'), lt('readUpTo', place));
      await db.write(ctx, update(postsTable, row, { set: { readUpTo: place } }, isHigher));
    },

    async setUnwanted(ctx: Context, userId: string, unwanted: readonly NoticeKind[]): Promise<void> {
      await db.write(ctx, update(postsTable, keys.noticesRead(userId), { set: { unwanted: [...unwanted] } }));
    },
  };
};

interface Part {
  readonly limit: number;
  readonly descending: boolean;
}

/** `end`: there are no more in that direction. */
export interface Stretch {
  readonly notices: readonly Notice[];
  readonly end: boolean;
}

const readingIn = (item: Item | undefined): Reading => ({
  readUpTo: (item?.['readUpTo'] as string | undefined) ?? '',
  unwanted: (item?.['unwanted'] as NoticeKind[] | undefined) ?? [],
});
