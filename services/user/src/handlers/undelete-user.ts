import { mutationOf } from '@plaza/core';

import { privateMessage } from '../mapping.ts';
import type { Deps, UserHandlers } from './index.ts';

export const undeleteUser =
  ({ lifecycles }: Deps): UserHandlers['undeleteUser'] =>
  async (ctx, request) => {
    const { userId, requestId } = request;
    return { user: privateMessage(await lifecycles.restore(ctx, mutationOf(ctx, requestId, request), userId)) };
  };
