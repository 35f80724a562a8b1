import { mutationOf } from '@plaza/core';

import type { Deps, SessionHandlers } from './index.ts';

export const deleteSession =
  ({ revocations }: Deps): SessionHandlers['deleteSession'] =>
  async (ctx, { userId, sessionId, requestId }) => {
    await revocations.endOne(ctx, mutationOf(ctx, requestId, { userId, sessionId }), userId, sessionId);
    return {};
  };
