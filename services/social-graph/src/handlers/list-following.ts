import { callerKey, pageSizeOf } from '@plaza/core';

import { toEdge } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const listFollowing =
  ({ edges, pageTokens }: Deps): GraphHandlers['listFollowing'] =>
  async (ctx, { userId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: userId };
    const after = pageTokens.decode<string>(scope, pageToken);
    const page = await edges.following(ctx, userId, { size: pageSizeOf(pageSize), after });
    return {
      following: page.follows.map(toEdge),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
    };
  };
