import { mutationOf } from '@plaza/core';

import { purgeMessage } from '../mapping.ts';
import type { Deps, UserHandlers } from './index.ts';

export const purgeUser =
  ({ purges }: Deps): UserHandlers['purgeUser'] =>
  async (ctx, request) => {
    const { userId, requestId } = request;
    return { purge: purgeMessage(await purges.ask(ctx, mutationOf(ctx, requestId, request), userId)) };
  };
