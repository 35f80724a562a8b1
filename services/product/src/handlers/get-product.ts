import { productNotFound } from '../domain/errors.ts';
import { offered } from '../domain/product.ts';
import { toMessage } from '../mapping.ts';
import type { Deps, ProductHandlers } from './index.ts';

export const getProduct =
  ({ products, stock, presence }: Deps): ProductHandlers['getProduct'] =>
  async (ctx, { productId }) => {
    const [found, available] = await Promise.all([products.getMany(ctx, [productId]), stock.available(ctx, [productId])]);
    const listed = [...found.values()];
    const gone = await presence.gone(
      ctx,
      listed.map(({ sellerId }) => sellerId),
    );
    const [product] = offered(listed, gone);
    if (!product) throw productNotFound([productId]);
    return { product: toMessage({ product, available: available.get(productId) ?? 0 }) };
  };
