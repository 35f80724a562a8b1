import { mutationOf } from '@plaza/core';

import type { Deps, ProductHandlers } from './index.ts';

export const recordProductViews =
  ({ views }: Deps): ProductHandlers['recordProductViews'] =>
  async (ctx, request) => {
    await views.record(ctx, mutationOf(ctx, request.requestId, request), request.productIds);
    return {};
  };
