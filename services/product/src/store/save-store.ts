import { crashPoint, type Clock, type Context, type Mutation } from '@plaza/core';
import { absent, check, eq, insert, lostRace, once, requestRow, type Condition, type Db, type Value } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

import { productNotFound } from '../domain/errors.ts';
import type { Product } from '../domain/product.ts';
import type { Save } from '../domain/save.ts';
import { savedEvent, saveInserts, saveRemovals, unsavedEvent } from './save-rows.ts';
import { contentOf, keys, products } from './table.ts';

/** Each lost race means that the same person saved or unsaved the same product in between. */
const MAX_TRIES = 20;

export type SaveStore = ReturnType<typeof createSaveStore>;

/** What people keep in view: each save in three rows, which come and go together. */
export const createSaveStore = ({ db, relay, now }: { db: Db; relay: Pick<Relay, 'nudge'>; now: Clock }) => {
  /** Remembers that this request changed nothing, so that repeating it after a later change changes nothing either. */
  const stands = async (ctx: Context, mutation: Mutation, save: Save, as: Condition, reply: Value): Promise<boolean> => {
    const asWanted = check(products, keys.save(save.userId, save.productId), as);
    const result = await db.transact(ctx, mutation.repeatable ? [asWanted, requestRow(products, mutation, reply)] : [asWanted]);
    if (!result.ok && result.failed.some(({ index }) => index === 1)) throw lostRace();
    return result.ok;
  };

  /** The save in a row, if there is one. */
  const find = (row: object | undefined) => row as { saveId: string; savedAt: number } | undefined;

  return {
    /**
     * Answers when the product was saved, now or before. `isOffered` is asked within the guard of the request id. That the product
     * may be seen is read before and not a condition of the transaction: everybody who saves a popular product at one moment would
     * stand in everybody's way. A product that is deleted in between was saved just before that, which a second try of the same
     * request, made at the same time, may not have seen.
     * @throws NOT_FOUND PRODUCT_NOT_FOUND
     */
    save: (
      ctx: Context,
      mutation: Mutation,
      wish: Save,
      isOffered: (product: Product) => Promise<boolean>,
    ): Promise<{ savedAt: number }> =>
      once(ctx, db, products, mutation, async () => {
        const { userId, productId } = wish;
        for (let tries = 0; tries < MAX_TRIES; tries++) {
          const [row, item] = await db.batchGet(ctx, products, [keys.save(userId, productId), keys.product(productId)]);
          if (!item || !(await isOffered(contentOf<Product>(item)))) throw productNotFound([productId]);
          const standing = find(row);
          if (standing) {
            const reply = { savedAt: standing.savedAt };
            if (await stands(ctx, mutation, wish, eq('saveId', standing.saveId), reply)) return reply;
            continue;
          }
          const reply = { savedAt: wish.savedAt };
          const event = savedEvent(ctx, wish);
          const rows = [...saveInserts(wish), insert(products, event)];
          const result = await db.transact(ctx, [...rows, requestRow(products, mutation, reply)]);
          if (result.ok) {
            crashPoint('product.after-save');
            relay.nudge([event]);
            return reply;
          }
          if (result.failed.some(({ index }) => index === rows.length)) throw lostRace();
        }
        throw lostRace();
      }),

    async unsave(ctx: Context, mutation: Mutation, { userId, productId }: Pick<Save, 'userId' | 'productId'>): Promise<void> {
      await once(ctx, db, products, mutation, async () => {
        for (let tries = 0; tries < MAX_TRIES; tries++) {
          const standing = find(await db.get(ctx, products, keys.save(userId, productId)));
          const save = { userId, productId, saveId: '', savedAt: 0, ...standing };
          if (!standing) {
            if (await stands(ctx, mutation, save, absent(), null)) return null;
            continue;
          }
          const event = unsavedEvent(ctx, save, now());
          const rows = [...saveRemovals(save), insert(products, event)];
          const result = await db.transact(ctx, [...rows, requestRow(products, mutation, null)]);
          if (result.ok) {
            crashPoint('product.after-unsave');
            relay.nudge([event]);
            return null;
          }
          if (result.failed.some(({ index }) => index === rows.length)) throw lostRace();
        }
        throw lostRace();
      });
    },
  };
};
