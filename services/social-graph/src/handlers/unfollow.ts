import { mutationOf } from '@plaza/core';

import type { Deps, GraphHandlers } from './index.ts';

export const unfollow =
  ({ follows }: Deps): GraphHandlers['unfollow'] =>
  async (ctx, request) => {
    const { followerId, followeeId, requestId } = request;
    await follows.unfollow(ctx, mutationOf(ctx, requestId, request), { followerId, followeeId });
    return {};
  };
