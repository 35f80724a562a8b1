import type { Context } from '@plaza/core';
import type { Db } from '@plaza/dynamo';

import type { Save } from '../domain/save.ts';
import { contentOf, keys, products } from './table.ts';

export type SaveLists = ReturnType<typeof createSaveLists>;

/** Who saved what, in both directions, by strongly consistent reads. */
export const createSaveLists = ({ db }: { db: Db }) => ({
  /** A person's saves, the last one first, from below `after`, a save's id. */
  async saved(ctx: Context, userId: string, size: number, after: string | undefined): Promise<{ saves: Save[]; end: boolean }> {
    const { items } = await db.query(ctx, products, {
      pk: keys.saveOrder(userId, '').pk,
      sk: { beginsWith: SAVES },
      descending: true,
      // One more than asked for tells whether there is a next page.
      limit: size + 1,
      after: after === undefined ? undefined : keys.saveOrder(userId, after),
    });
    const saves = items.slice(0, size).map((item) => {
      const { productId, savedAt } = contentOf<Pick<Save, 'productId' | 'savedAt'>>(item);
      return { userId, productId, savedAt, saveId: item.sk.slice(SAVES.length) };
    });
    return { saves, end: items.length <= size };
  },

  /**
   * People who saved a product, ascending, from above `after`. Base table: whoever saved it before the call is among them, so that
   * of a change of price and a save that race, either the save comes first and is told of, or it finds the new price.
   */
  async savers(
    ctx: Context,
    productId: string,
    size: number,
    after: string | undefined,
  ): Promise<{ userIds: string[]; end: boolean }> {
    const { items } = await db.query(ctx, products, {
      pk: keys.saver(productId, '').pk,
      limit: size + 1,
      after: after === undefined ? undefined : keys.saver(productId, after),
    });
    return { userIds: items.slice(0, size).map(({ sk }) => sk.slice(SAVERS.length)), end: items.length <= size };
  },
});

const SAVES = keys.saveOrder('', '').sk;
const SAVERS = keys.saver('', '').sk;
