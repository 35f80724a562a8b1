import { productNotFound } from '../domain/errors.ts';
import { toMessage } from '../mapping.ts';
import type { Deps, ProductHandlers } from './index.ts';

export const getProduct =
  ({ storefront }: Deps): ProductHandlers['getProduct'] =>
  async (ctx, { productId }) => {
    const listing = (await storefront.show(ctx, [productId])).get(productId);
    if (!listing) throw productNotFound([productId]);
    return { product: toMessage(listing) };
  };
