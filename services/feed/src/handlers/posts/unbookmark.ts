import { mutationOf } from '@plaza/core';

import type { Deps, PostHandlers } from '../index.ts';

export const unbookmark =
  ({ engagements }: Deps): PostHandlers['unbookmark'] =>
  async (ctx, request) => {
    const { userId, postId } = request;
    await engagements.end(ctx, mutationOf(ctx, request.requestId, request), { kind: 'bookmark', userId, postId });
    return {};
  };
