import type { Clock, Context } from '@plaza/core';
import { absent, any, lt, put, remove, ttl, type Db, type Item } from '@plaza/dynamo';

import { keys, postsTable } from '../table.ts';
import { isSaved } from './saved-rows.ts';
import { unlessErased } from './story-store.ts';

/** Of one read, and of one chunk of the fan-out. */
const AT_ONCE = 500;
/** That something was taken out of view is kept for longer than an event may come again. */
const KEPT_SECONDS = 30 * 24 * 3600;

/** That somebody began, or ceased, to keep a product in view. */
export interface SaveTold {
  readonly userId: string;
  readonly productId: string;
  readonly saved: boolean;
  /** Of two things told of one person and product the later one is greater. */
  readonly order: string;
}

/** The product service counts a save's versions by the millisecond; ids tell what is told within one. */
export const saveOrder = (version: number, eventId: string): string => `${String(version).padStart(16, '0')}#${eventId}`;

export type SavedProducts = ReturnType<typeof createSavedProducts>;

/** Who keeps what in view, as the product service tells it: by person, and by product. */
export const createSavedProducts = ({ db, now }: { db: Db; now: Clock }) => {
  const pages = async function* (ctx: Context, pk: string, beginsWith: string): AsyncGenerator<Item[]> {
    let after: Item | undefined;
    do {
      const page = await db.query(ctx, postsTable, { pk, sk: { beginsWith }, limit: AT_ONCE, after });
      yield page.items;
      after = page.after;
    } while (after !== undefined);
  };

  return {
    /** What comes late changes nothing, nor does anything about who is erased. */
    async note(ctx: Context, { userId, productId, saved, order }: SaveTold): Promise<void> {
      const state = saved ? { state: 'SAVED' } : { state: 'UNSAVED', expiresAt: ttl(now(), KEPT_SECONDS) };
      const saver = keys.saver(productId, userId);
      await db.transact(ctx, [
        put(postsTable, { ...keys.saved(userId, productId), ...state, order }, any(absent(), lt('order', order))),
        saved ? put(postsTable, saver) : remove(postsTable, saver),
        unlessErased(userId),
      ]);
    },

    async has(ctx: Context, userId: string, productId: string): Promise<boolean> {
      return isSaved(await db.get(ctx, postsTable, keys.saved(userId, productId)));
    },

    async of(ctx: Context, userId: string): Promise<string[]> {
      const { pk, sk } = keys.saved(userId, '');
      const ids: string[] = [];
      for await (const items of pages(ctx, pk, sk)) ids.push(...items.filter(isSaved).map((item) => item.sk.slice(sk.length)));
      return ids;
    },

    /** Strongly consistent: whoever is not among them yet is brought the product's news when their save is worked in. */
    async *savers(ctx: Context, productId: string): AsyncGenerator<{ followerIds: string[] }> {
      const { pk, sk } = keys.saver(productId, '');
      for await (const items of pages(ctx, pk, sk)) yield { followerIds: items.map((item) => item.sk.slice(sk.length)) };
    },
  };
};
