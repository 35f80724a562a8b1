import { callerKey } from '@plaza/core';

import type { Deps, ProductHandlers } from './index.ts';

/** Ids are small, and a fan-out wants many. */
const DEFAULT_SIZE = 500;

export const listProductSavers =
  ({ saveLists, pageTokens }: Deps): ProductHandlers['listProductSavers'] =>
  async (ctx, { productId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: productId };
    const after = pageTokens.decode<string>(scope, pageToken);
    const { userIds, end } = await saveLists.savers(ctx, productId, pageSize || DEFAULT_SIZE, after);
    return { userIds, nextPageToken: end ? '' : pageTokens.encode(scope, userIds.at(-1)) };
  };
