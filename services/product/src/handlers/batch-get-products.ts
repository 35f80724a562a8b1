import { offered } from '../domain/product.ts';
import { toMessage } from '../mapping.ts';
import type { Deps, ProductHandlers } from './index.ts';

export const batchGetProducts =
  ({ products, stock, presence }: Deps): ProductHandlers['batchGetProducts'] =>
  async (ctx, request) => {
    const productIds = [...new Set(request.productIds)];
    const [found, available] = await Promise.all([products.getMany(ctx, productIds), stock.available(ctx, productIds)]);
    const listed = productIds.flatMap((productId) => found.get(productId) ?? []);
    const gone = await presence.gone(
      ctx,
      listed.map(({ sellerId }) => sellerId),
    );
    const known = offered(listed, gone);
    const shown = new Set(known.map(({ productId }) => productId));
    return {
      products: known.map((product) => toMessage({ product, available: available.get(product.productId) ?? 0 })),
      missingIds: productIds.filter((productId) => !shown.has(productId)),
    };
  };
