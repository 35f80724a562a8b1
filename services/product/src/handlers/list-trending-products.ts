import { callerKey, fillPage, pageSizeOf } from '@plaza/core';

import { goOn, isBelow, passed, type RankedPlace } from '../domain/trending.ts';
import { toTrendingMessage, toWindow } from '../mapping.ts';
import type { Deps, ProductHandlers } from './index.ts';

export const listTrendingProducts =
  ({ trending, storefront, pageTokens, now }: Deps): ProductHandlers['listTrendingProducts'] =>
  async (ctx, request) => {
    const window = toWindow(request.window);
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: window };
    const size = pageSizeOf(request.pageSize);
    const start = goOn(window, pageTokens.decode<RankedPlace>(scope, request.pageToken), now());
    const page = await fillPage(size, start.after, async (after: RankedPlace | undefined) => {
      // One more than asked for tells whether there is a next page.
      const places = await trending.page(ctx, window, start.slot, { from: after?.rank ?? 0, limit: size + 1 });
      const candidates = places.slice(0, size);
      const listings = await storefront.show(
        ctx,
        candidates.map(({ productId }) => productId),
      );
      const entries = candidates.map((place) => {
        const listing = isBelow(place, after) ? listings.get(place.productId) : undefined;
        return { place: passed(place, after), item: listing && { score: place.score, listing } };
      });
      return { entries, end: places.length <= size };
    });
    return {
      products: page.items.map(toTrendingMessage),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
    };
  };
