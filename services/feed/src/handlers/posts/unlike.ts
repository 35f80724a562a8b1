import { mutationOf } from '@plaza/core';

import type { Deps, PostHandlers } from '../index.ts';

export const unlike =
  ({ engagements }: Deps): PostHandlers['unlike'] =>
  async (ctx, request) => {
    const { userId, postId } = request;
    await engagements.end(ctx, mutationOf(ctx, request.requestId, request), { kind: 'like', userId, postId });
    return {};
  };
