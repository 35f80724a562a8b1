import { mutationOf } from '@plaza/core';

import { requestNotFound } from '../domain/errors.ts';
import { planApprove } from '../domain/plan.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const approveFollowRequest =
  ({ ties, followLimit }: Pick<Deps, 'ties' | 'followLimit'>): GraphHandlers['approveFollowRequest'] =>
  async (ctx, request) => {
    const { userId, followerId, requestId } = request;
    if (userId === followerId) throw requestNotFound(followerId);
    await ties.change(ctx, mutationOf(ctx, requestId, request), {
      ids: [userId, followerId],
      plan: planApprove(followLimit),
      reply: () => null,
    });
    return {};
  };
