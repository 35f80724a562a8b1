import { mutationOf } from '@plaza/core';

import { changedProduct, pathsToChange, productToChange } from '../domain/product.ts';
import { toChanges, toMessage } from '../mapping.ts';
import type { Deps, ProductHandlers } from './index.ts';

export const updateProduct =
  ({ changes: store, stock, now }: Deps): ProductHandlers['updateProduct'] =>
  async (ctx, request) => {
    const { productId, etag, requestId } = request;
    const paths = pathsToChange(request.updateMask ?? [], request.changes!);
    const changes = toChanges(request.changes!, paths);
    const product = await store.update(ctx, mutationOf(ctx, requestId, request), productId, (current) => {
      const before = productToChange(productId, current, ctx.caller, etag);
      const { product: after, changed } = changedProduct(before, paths, changes, now());
      return { before, after, changed };
    });
    const available = await stock.available(ctx, [productId]);
    return { product: toMessage({ product, available: available.get(productId) ?? 0 }) };
  };
