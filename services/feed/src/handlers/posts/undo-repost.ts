import { mutationOf } from '@plaza/core';

import type { Deps, PostHandlers } from '../index.ts';

export const undoRepost =
  ({ engagements }: Deps): PostHandlers['undoRepost'] =>
  async (ctx, request) => {
    const { userId, postId } = request;
    await engagements.end(ctx, mutationOf(ctx, request.requestId, request), { kind: 'repost', userId, postId });
    return {};
  };
