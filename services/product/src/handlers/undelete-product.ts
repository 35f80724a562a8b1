import { mutationOf } from '@plaza/core';

import { restoredProduct } from '../domain/product.ts';
import { toMessage } from '../mapping.ts';
import type { Deps, ProductHandlers } from './index.ts';

export const undeleteProduct =
  ({ changes, stock, now }: Deps): ProductHandlers['undeleteProduct'] =>
  async (ctx, request) => {
    const { productId, requestId } = request;
    const product = await changes.restore(ctx, mutationOf(ctx, requestId, request), productId, (current) =>
      restoredProduct(productId, current, ctx.caller, now()),
    );
    const available = await stock.available(ctx, [productId]);
    return { product: toMessage({ product, available: available.get(productId) ?? 0 }) };
  };
