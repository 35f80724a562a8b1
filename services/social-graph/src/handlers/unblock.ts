import { mutationOf } from '@plaza/core';

import { planUnblock } from '../domain/plan.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const unblock =
  ({ ties }: Pick<Deps, 'ties'>): GraphHandlers['unblock'] =>
  async (ctx, request) => {
    const { userId, blockedId, requestId } = request;
    // Nobody blocks themselves: there is nothing to end.
    if (userId === blockedId) return {};
    await ties.change(ctx, mutationOf(ctx, requestId, request), {
      ids: [userId, blockedId],
      plan: planUnblock,
      reply: () => null,
    });
    return {};
  };
