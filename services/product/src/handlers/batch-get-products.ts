import { toMessage } from '../mapping.ts';
import type { Deps, ProductHandlers } from './index.ts';

export const batchGetProducts =
  ({ products, stock }: Deps): ProductHandlers['batchGetProducts'] =>
  async (ctx, request) => {
    const productIds = [...new Set(request.productIds)];
    const [found, available] = await Promise.all([products.getMany(ctx, productIds), stock.available(ctx, productIds)]);
    const known = productIds.flatMap((productId) => found.get(productId) ?? []);
    return {
      products: known.map((product) => toMessage({ product, available: available.get(product.productId) ?? 0 })),
      missingIds: productIds.filter((productId) => !found.has(productId)),
    };
  };
