import { productNotFound } from '../domain/errors.ts';
import { toMessage } from '../mapping.ts';
import type { Deps, ProductHandlers } from './index.ts';

export const getProduct =
  ({ products, stock }: Deps): ProductHandlers['getProduct'] =>
  async (ctx, { productId }) => {
    const [found, available] = await Promise.all([products.getMany(ctx, [productId]), stock.available(ctx, [productId])]);
    const product = found.get(productId);
    if (!product) throw productNotFound([productId]);
    return { product: toMessage({ product, available: available.get(productId) ?? 0 }) };
  };
