import { callerKey, pageSizeOf } from '@plaza/core';

import { privateMessage, stateFrom } from '../mapping.ts';
import type { Deps, UserHandlers } from './index.ts';

export const listUsers =
  ({ listing, pageTokens }: Deps): UserHandlers['listUsers'] =>
  async (ctx, { state: asked, pageSize, pageToken }) => {
    const state = stateFrom(asked);
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: state };
    const below = pageTokens.decode<string>(scope, pageToken);
    const { users, next } = await listing.page(ctx, state, { size: pageSizeOf(pageSize), below });
    return {
      users: users.map(privateMessage),
      nextPageToken: next === undefined ? '' : pageTokens.encode(scope, next),
    };
  };
