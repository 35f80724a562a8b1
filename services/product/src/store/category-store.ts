import type { EntityCache } from '@plaza/cache';
import type { Context } from '@plaza/core';
import type { Db } from '@plaza/dynamo';

import { summed, type PartCounts } from '../domain/categories.ts';
import { countShards, products } from './table.ts';

/** A stretch of the list of all categories. */
export type CategoryPlaces = PartCounts;

export type CategoryStore = ReturnType<typeof createCategoryStore>;

/** How many products are listed where, in the order of the categories. Everybody sees the same, for seconds out of the cache. */
export const createCategoryStore = ({ db, pages }: { db: Db; pages: EntityCache<CategoryPlaces> }) => {
  const readPart = async (ctx: Context, pk: string, size: number, after: string | undefined): Promise<PartCounts> => {
    const sk = after === undefined ? undefined : { gt: after };
    const { items } = await db.query(ctx, products, { pk, sk, limit: size + 1, consistent: false });
    const counts = items.slice(0, size).map((item) => ({ category: item.sk, count: Number(item['count']) }));
    return { counts, end: items.length <= size };
  };

  return {
    /** The next categories behind that one, at least `size` unless the list ends, empty ones too. */
    page: async (ctx: Context, size: number, after: string | undefined): Promise<CategoryPlaces> => {
      const load = async () => summed(await Promise.all(countShards.map((pk) => readPart(ctx, pk, size, after))));
      return (await pages.get(ctx, JSON.stringify([size, after ?? null]), load))!;
    },
  };
};
