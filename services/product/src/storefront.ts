import type { Presence } from '@plaza/clients';
import type { Context } from '@plaza/core';

import { isListed, offered, type Listing, type Product } from './domain/product.ts';
import type { ProductStore } from './store/product-store.ts';
import type { StockStore } from './store/stock-store.ts';

export type Storefront = ReturnType<typeof createStorefront>;

/** What may be shown of products: the one way from ids to listings that every read takes. */
export const createStorefront = (deps: {
  products: Pick<ProductStore, 'getMany'>;
  stock: Pick<StockStore, 'available'>;
  presence: Presence;
}) => {
  const { products, stock, presence } = deps;
  const listings = async (ctx: Context, known: readonly Product[]): Promise<Map<string, Listing>> => {
    const available = await stock.available(
      ctx,
      known.map(({ productId }) => productId),
    );
    return new Map(known.map((product) => [product.productId, { product, available: available.get(product.productId) ?? 0 }]));
  };

  return {
    /**
     * Those of the products that the public may see now, by id, with their display stock; at most one question to the user service,
     * which is asked at every read who of the sellers is gone.
     * @throws UNAVAILABLE PEER_UNAVAILABLE when that cannot be told
     */
    show: async (ctx: Context, productIds: readonly string[]): Promise<Map<string, Listing>> => {
      if (productIds.length === 0) return new Map();
      const found = [...(await products.getMany(ctx, productIds)).values()];
      const gone = await presence.gone(
        ctx,
        found.map(({ sellerId }) => sellerId),
      );
      return listings(ctx, offered(found, gone));
    },

    /**
     * Whether the public may see this product, which the caller has read from the table.
     * @throws UNAVAILABLE PEER_UNAVAILABLE when it cannot be told whether the seller is gone
     */
    isOffered: async (ctx: Context, product: Product): Promise<boolean> =>
      isListed(product) && offered([product], await presence.gone(ctx, [product.sellerId])).length > 0,

    /** All of them that exist, deleted ones too: for those who manage them. */
    showAll: async (ctx: Context, productIds: readonly string[]): Promise<Map<string, Listing>> =>
      listings(ctx, [...(await products.getMany(ctx, productIds)).values()]),
  };
};
