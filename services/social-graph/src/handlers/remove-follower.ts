import { mutationOf } from '@plaza/core';

import { planRemoveFollower } from '../domain/plan.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const removeFollower =
  ({ ties }: Pick<Deps, 'ties'>): GraphHandlers['removeFollower'] =>
  async (ctx, request) => {
    const { userId, followerId, requestId } = request;
    // Nobody follows themselves: there is nothing to end.
    if (userId === followerId) return {};
    await ties.change(ctx, mutationOf(ctx, requestId, request), {
      ids: [userId, followerId],
      plan: planRemoveFollower,
      reply: () => null,
    });
    return {};
  };
