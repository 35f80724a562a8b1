import { callerKey, pageSizeOf } from '@plaza/core';

import { sessionMessage } from '../mapping.ts';
import type { Deps, SessionHandlers } from './index.ts';

export const listSessions =
  ({ sessions, pageTokens }: Deps): SessionHandlers['listSessions'] =>
  async (ctx, { userId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: userId };
    const after = pageTokens.decode<string>(scope, pageToken);
    const page = await sessions.list(ctx, userId, { size: pageSizeOf(pageSize), after });
    return {
      sessions: page.families.map((family) => sessionMessage(family, ctx.caller)),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
    };
  };
