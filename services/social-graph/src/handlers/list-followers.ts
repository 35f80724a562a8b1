import { callerKey, pageSizeOf } from '@plaza/core';

import { shownOf } from '../domain/edge.ts';
import { toEdge } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const listFollowers =
  ({ edges, presence, pageTokens }: Deps): GraphHandlers['listFollowers'] =>
  async (ctx, { userId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: userId };
    const after = pageTokens.decode<string>(scope, pageToken);
    const page = await edges.followers(ctx, userId, { size: pageSizeOf(pageSize), after });
    const gone = await presence.gone(ctx, [userId, ...page.follows.map((follow) => follow.userId)]);
    const shown = shownOf(page, userId, gone);
    return {
      followers: shown.follows.map(toEdge),
      nextPageToken: shown.next === undefined ? '' : pageTokens.encode(scope, shown.next),
    };
  };
