import { callerKey, pageSizeOf } from '@plaza/core';

import { productNotFound } from '../domain/errors.ts';
import { isManagedBy } from '../domain/product.ts';
import { toMovementMessage } from '../mapping.ts';
import type { InventoryDeps, InventoryHandlers } from './index.ts';

export const listStockMovements =
  ({ products, movements, pageTokens }: InventoryDeps): InventoryHandlers['listStockMovements'] =>
  async (ctx, { productId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: productId };
    const before = pageTokens.decode<string>(scope, pageToken);
    const product = await products.load(ctx, productId);
    if (!product || !isManagedBy(product, ctx.caller)) throw productNotFound([productId]);
    const page = await movements.page(ctx, productId, { size: pageSizeOf(pageSize), before });
    return {
      movements: page.movements.map(toMovementMessage),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
    };
  };
