import { callerKey, fillPage, pageSizeOf } from '@plaza/core';

import { scoreOf, type Place } from '../domain/search.ts';
import { queryWords, wordsOf } from '../domain/words.ts';
import { toMessage } from '../mapping.ts';
import type { Deps, ProductHandlers } from './index.ts';

export const searchProducts =
  ({ search, storefront, pageTokens }: Deps): ProductHandlers['searchProducts'] =>
  async (ctx, request) => {
    const query = queryWords(request.query);
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: query.join(' ') };
    const size = pageSizeOf(request.pageSize);
    const read = search.reader(query);
    const page = await fillPage(size, pageTokens.decode<Place>(scope, request.pageToken), async (after: Place | undefined) => {
      const { candidates, end } = await read(ctx, after, size);
      const listings = await storefront.show(
        ctx,
        candidates.flatMap(({ productId }) => productId ?? []),
      );
      const entries = candidates.map(({ productId, place }) => {
        const listing = productId === undefined ? undefined : listings.get(productId);
        // The index may still know words that the product has lost.
        const found = listing && scoreOf(wordsOf(listing.product), query) !== undefined;
        return { place, item: found ? listing : undefined };
      });
      return { entries, end };
    });
    return {
      products: page.items.map(toMessage),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
    };
  };
