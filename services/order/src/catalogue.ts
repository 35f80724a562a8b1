import type { ProductClients } from '@plaza/clients';
import type { Context } from '@plaza/core';

import type { DisplayedOffer } from './domain/new-order.ts';
import { toOffer } from './mapping.ts';

/** What is for sale of up to 100 products, at the prices of now, by one call; what is deleted or of a seller who is gone is left out. */
export type Catalogue = (ctx: Context, productIds: readonly string[]) => Promise<DisplayedOffer[]>;

export const createCatalogue =
  (products: Pick<ProductClients['products'], 'batchGetProducts'>): Catalogue =>
  async (ctx, productIds) => {
    if (productIds.length === 0) return [];
    const found = await products.batchGetProducts(ctx, { productIds: [...productIds] });
    return found.products.map(toOffer);
  };
