import { callerKey, fillPage, pageSizeOf } from '@plaza/core';

import { toCategoryMessage } from '../mapping.ts';
import type { Deps, ProductHandlers } from './index.ts';

export const listCategories =
  ({ categories, pageTokens }: Deps): ProductHandlers['listCategories'] =>
  async (ctx, request) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: '' };
    const size = pageSizeOf(request.pageSize);
    const page = await fillPage(size, pageTokens.decode<string>(scope, request.pageToken), async (after) => {
      const { counts, end } = await categories.page(ctx, size, after);
      // A category that lost its last product stays as a row.
      return {
        entries: counts.map((counted) => ({ place: counted.category, item: counted.count > 0 ? counted : undefined })),
        end,
      };
    });
    return {
      categories: page.items.map(toCategoryMessage),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
    };
  };
