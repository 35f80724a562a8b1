import { callerKey, pageSizeOf } from '@plaza/core';

import { toEdge } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const listFollowers =
  ({ edges, pageTokens }: Deps): GraphHandlers['listFollowers'] =>
  async (ctx, { userId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: userId };
    const after = pageTokens.decode<string>(scope, pageToken);
    const page = await edges.followers(ctx, userId, { size: pageSizeOf(pageSize), after });
    return {
      followers: page.follows.map(toEdge),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
    };
  };
