import { callerKey, fillPage, pageSizeOf } from '@plaza/core';

import { assertListable, belongs } from '../domain/catalogue.ts';
import { toCatalogueList, toMessage } from '../mapping.ts';
import type { Deps, ProductHandlers } from './index.ts';

/** Of a list that leaves out what is sold out, so many rows are looked at in one go. */
const SCAN = 100;

export const listProducts =
  ({ catalogue, storefront, pageTokens }: Deps): ProductHandlers['listProducts'] =>
  async (ctx, request) => {
    const list = toCatalogueList(request);
    assertListable(list, ctx.caller);
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: JSON.stringify(list) };
    const size = pageSizeOf(request.pageSize);
    const show = list.showDeleted ? storefront.showAll : storefront.show;
    const page = await fillPage(size, pageTokens.decode<string>(scope, request.pageToken), async (after) => {
      const { places, end } = await catalogue.page(ctx, list, list.inStock ? SCAN : size, after);
      const candidates = places.map((place) => catalogue.candidate(list, place));
      const listings = await show(
        ctx,
        candidates.map(({ productId }) => productId),
      );
      const entries = candidates.map((candidate, i) => {
        const listing = listings.get(candidate.productId);
        return { place: places[i]!, item: listing && belongs(list, candidate, listing) ? listing : undefined };
      });
      return { entries, end };
    });
    return {
      products: page.items.map(toMessage),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
    };
  };
