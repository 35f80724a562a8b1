import { mutationOf } from '@plaza/core';

import { planUnfollow } from '../domain/plan.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const unfollow =
  ({ ties }: Pick<Deps, 'ties'>): GraphHandlers['unfollow'] =>
  async (ctx, request) => {
    const { followerId, followeeId, requestId } = request;
    // Nobody follows themselves: there is nothing to end.
    if (followerId === followeeId) return {};
    await ties.change(ctx, mutationOf(ctx, requestId, request), {
      ids: [followerId, followeeId],
      plan: planUnfollow,
      reply: () => null,
    });
    return {};
  };
