import { mutationOf } from '@plaza/core';

import { planUnmute } from '../domain/plan.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const unmute =
  ({ ties }: Pick<Deps, 'ties'>): GraphHandlers['unmute'] =>
  async (ctx, request) => {
    const { userId, mutedId, requestId } = request;
    // Nobody mutes themselves: there is nothing to end.
    if (userId === mutedId) return {};
    await ties.change(ctx, mutationOf(ctx, requestId, request), {
      ids: [userId, mutedId],
      plan: planUnmute,
      reply: () => null,
    });
    return {};
  };
