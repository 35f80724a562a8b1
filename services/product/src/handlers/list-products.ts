import { callerKey, pageSizeOf } from '@plaza/core';

import { fillPage } from '../domain/page.ts';
import { CURRENCY, priceRangeOf } from '../domain/price.ts';
import { offered } from '../domain/product.ts';
import { toMessage } from '../mapping.ts';
import type { Deps, ProductHandlers } from './index.ts';

export const listProducts =
  ({ products, stock, presence, pageTokens }: Deps): ProductHandlers['listProducts'] =>
  async (ctx, { category, minPrice, maxPrice, pageSize, pageToken }) => {
    const range = priceRangeOf(minPrice, maxPrice);
    const scope = {
      method: ctx.method,
      caller: callerKey(ctx.caller),
      filter: JSON.stringify([category, range.min ?? null, range.max ?? null]),
    };
    const after = pageTokens.decode<string>(scope, pageToken);
    const page = await fillPage(pageSizeOf(pageSize), after, async (place) => {
      const read = await products.list(ctx, { category, currency: CURRENCY, range }, place);
      const gone = await presence.gone(
        ctx,
        read.products.map(({ sellerId }) => sellerId),
      );
      return { items: offered(read.products, gone), next: read.next };
    });
    const available = await stock.available(
      ctx,
      page.items.map(({ productId }) => productId),
    );
    return {
      products: page.items.map((product) => toMessage({ product, available: available.get(product.productId) ?? 0 })),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
    };
  };
