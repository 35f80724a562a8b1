import type { EntityCache } from '@plaza/cache';
import type { Context } from '@plaza/core';
import type { Db, Item } from '@plaza/dynamo';

import type { Candidate, CatalogueList } from '../domain/catalogue.ts';
import { CURRENCY, type PriceRange } from '../domain/price.ts';
import { categoryKey, keys, priceFloor, priceParts, products } from './table.ts';

/** A stretch of an index: places, which are its sort keys, and whether it ends with them. */
export type Places = { readonly places: readonly string[]; readonly end: boolean };

export type CatalogueStore = ReturnType<typeof createCatalogueStore>;

/** Where products stand in lists. Only proposes: the index is late, and pages of categories are cached for seconds. */
export const createCatalogueStore = ({ db, pages }: { db: Db; pages: EntityCache<Places> }) => {
  const read = async (ctx: Context, list: CatalogueList, size: number, after: string | undefined): Promise<Places> => {
    const { index, pk, sk } = indexOf(list);
    const page = await db.query(ctx, products, {
      index,
      pk,
      sk: list.order === 'PRICE' ? sortRange(list.range) : undefined,
      descending: list.order === 'NEWEST',
      // One more than asked for tells whether there is a next page.
      limit: size + 1,
      after: after === undefined ? undefined : rowAt(list, pk, after),
    });
    const places = page.items.slice(0, size).map((item) => item[sk] as string);
    return { places, end: page.items.length <= size };
  };

  return {
    /** The next places of a list, at most `size`. */
    async page(ctx: Context, list: CatalogueList, size: number, after: string | undefined): Promise<Places> {
      // Everybody looks at the same categories; a seller's list is mostly looked at by the seller, who wants to see changes at once.
      if (list.sellerId !== '') return read(ctx, list, size, after);
      const { category, order, range } = list;
      const id = JSON.stringify([category, order, range.min ?? null, range.max ?? null, size, after ?? null]);
      return (await pages.get(ctx, id, () => read(ctx, list, size, after)))!;
    },

    /** Ids of all products that a seller ever listed, the newest first, deleted ones too; past the cache. */
    listedBy(ctx: Context, sellerId: string, size: number, after: string | undefined): Promise<Places> {
      const all = {
        category: '',
        sellerId,
        order: 'NEWEST',
        range: { min: undefined, max: undefined },
        inStock: false,
        showDeleted: true,
      } as const;
      return read(ctx, all, size, after);
    },

    candidate: (list: CatalogueList, place: string): Candidate =>
      list.order === 'PRICE' ? priceParts(place) : { productId: place },
  };
};

const indexOf = ({ sellerId, category, order }: CatalogueList) => {
  if (sellerId !== '')
    return order === 'PRICE'
      ? { index: 'bySellerPrice', pk: sellerId, sk: 'priceKey' }
      : { index: 'bySeller', pk: sellerId, sk: 'productId' };
  const pk = categoryKey(category, CURRENCY);
  return order === 'PRICE' ? { index: 'byPrice', pk, sk: 'priceKey' } : { index: 'byNewest', pk, sk: 'productId' };
};

/** The keys of a row of the index, from its place in it: what a query goes on after. */
const rowAt = (list: CatalogueList, pk: string, place: string): Item => {
  const [key, productId] =
    list.order === 'PRICE' ? [{ priceKey: place }, priceParts(place).productId] : [{ productId: place }, place];
  return { ...keys.product(productId), ...(list.sellerId === '' ? { categoryKey: pk } : { sellerId: pk }), ...key };
};

/** Both ends of `between` are inclusive, but no key equals the bare floor of a price, so that max itself is left out. */
const sortRange = ({ min, max }: PriceRange) => {
  if (max !== undefined) return { between: [priceFloor(min ?? 0), priceFloor(max)] as const };
  return min === undefined ? undefined : { gte: priceFloor(min) };
};
