import { mutationOf } from '@plaza/core';

import type { Deps, PostHandlers } from '../index.ts';

export const recordPostViews =
  ({ views }: Deps): PostHandlers['recordPostViews'] =>
  async (ctx, request) => {
    await views.record(ctx, mutationOf(ctx, request.requestId, request), request.postIds);
    return {};
  };
