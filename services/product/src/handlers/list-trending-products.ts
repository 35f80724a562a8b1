import { trendingPage } from '@plaza/core';

import { toTrendingMessage, toWindow } from '../mapping.ts';
import type { Deps, ProductHandlers } from './index.ts';

export const listTrendingProducts =
  ({ trending, storefront, pageTokens, now }: Deps): ProductHandlers['listTrendingProducts'] =>
  async (ctx, { pageSize, pageToken, ...request }) => {
    const asked = { window: toWindow(request.window), pageSize, pageToken };
    const show = async (productIds: readonly string[]) => {
      const listings = await storefront.show(ctx, productIds);
      return productIds.map((id) => listings.get(id));
    };
    const { items, nextPageToken } = await trendingPage(ctx, asked, { ranking: trending, show, pageTokens, now });
    return { products: items.map(({ score, shown }) => toTrendingMessage({ score, listing: shown })), nextPageToken };
  };
