import { mutationOf } from '@plaza/core';

import type { Deps, SessionHandlers } from './index.ts';

export const deleteAllSessions =
  ({ revocations }: Deps): SessionHandlers['deleteAllSessions'] =>
  async (ctx, { userId, requestId }) => {
    await revocations.endAll(ctx, mutationOf(ctx, requestId, { userId }), userId);
    return {};
  };
