import { callerKey, pageSizeOf } from '@plaza/core';

import { CURRENCY, priceRangeOf } from '../domain/price.ts';
import { toMessage } from '../mapping.ts';
import type { Deps, ProductHandlers } from './index.ts';

export const listProducts =
  ({ products, stock, pageTokens }: Deps): ProductHandlers['listProducts'] =>
  async (ctx, { category, minPrice, maxPrice, pageSize, pageToken }) => {
    const range = priceRangeOf(minPrice, maxPrice);
    const scope = {
      method: ctx.method,
      caller: callerKey(ctx.caller),
      filter: JSON.stringify([category, range.min ?? null, range.max ?? null]),
    };
    const after = pageTokens.decode<string>(scope, pageToken);
    const page = await products.list(ctx, { category, currency: CURRENCY, range }, { size: pageSizeOf(pageSize), after });
    const available = await stock.available(
      ctx,
      page.products.map(({ productId }) => productId),
    );
    return {
      products: page.products.map((product) => toMessage({ product, available: available.get(product.productId) ?? 0 })),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
    };
  };
