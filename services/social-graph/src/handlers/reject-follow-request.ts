import { mutationOf } from '@plaza/core';

import { planReject } from '../domain/plan.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const rejectFollowRequest =
  ({ ties }: Pick<Deps, 'ties'>): GraphHandlers['rejectFollowRequest'] =>
  async (ctx, request) => {
    const { userId, followerId, requestId } = request;
    // Nobody asks themselves: there is nothing to turn down.
    if (userId === followerId) return {};
    await ties.change(ctx, mutationOf(ctx, requestId, request), {
      ids: [userId, followerId],
      plan: planReject,
      reply: () => null,
    });
    return {};
  };
