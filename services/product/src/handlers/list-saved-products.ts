import { callerKey, fillPage, pageSizeOf } from '@plaza/core';

import { toSavedMessage } from '../mapping.ts';
import type { Deps, ProductHandlers } from './index.ts';

export const listSavedProducts =
  ({ saveLists, storefront, pageTokens }: Deps): ProductHandlers['listSavedProducts'] =>
  async (ctx, { userId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: userId };
    const size = pageSizeOf(pageSize);
    const page = await fillPage(size, pageTokens.decode<string>(scope, pageToken), async (after) => {
      const { saves, end } = await saveLists.saved(ctx, userId, size, after);
      const listings = await storefront.show(
        ctx,
        saves.map(({ productId }) => productId),
      );
      const entries = saves.map((save) => {
        const listing = listings.get(save.productId);
        return { place: save.saveId, item: listing && { save, listing } };
      });
      return { entries, end };
    });
    return {
      products: page.items.map(toSavedMessage),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
    };
  };
