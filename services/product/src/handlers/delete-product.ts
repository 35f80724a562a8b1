import { mutationOf } from '@plaza/core';

import { productToChange, restorableUntil } from '../domain/product.ts';
import type { Deps, ProductHandlers } from './index.ts';

export const deleteProduct =
  ({ changes }: Deps): ProductHandlers['deleteProduct'] =>
  async (ctx, request) => {
    const { productId, etag, requestId } = request;
    const { updatedAt } = await changes.remove(ctx, mutationOf(ctx, requestId, request), productId, (product) =>
      productToChange(productId, product, ctx.caller, etag),
    );
    return { deleteTime: new Date(updatedAt), restorableUntilTime: new Date(restorableUntil(updatedAt)) };
  };
