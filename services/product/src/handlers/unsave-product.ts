import { mutationOf } from '@plaza/core';

import type { Deps, ProductHandlers } from './index.ts';

export const unsaveProduct =
  ({ saves }: Pick<Deps, 'saves'>): ProductHandlers['unsaveProduct'] =>
  async (ctx, request) => {
    await saves.unsave(ctx, mutationOf(ctx, request.requestId, request), request);
    return {};
  };
