import { mutationOf } from '@plaza/core';

import { selfFollow } from '../domain/errors.ts';
import { planFollow } from '../domain/plan.ts';
import { toFollowState } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const follow =
  ({ ties, people, followLimit }: Pick<Deps, 'ties' | 'people' | 'followLimit'>): GraphHandlers['follow'] =>
  async (ctx, request) => {
    const { followerId, followeeId, requestId } = request;
    if (followerId === followeeId) throw selfFollow();
    const state = await ties.change(ctx, mutationOf(ctx, requestId, request), {
      ids: [followerId, followeeId],
      plan: planFollow(followLimit),
      reply: ({ follows }, steps) => (follows || steps.at(-1)?.kind === 'follow' ? 'ACTIVE' : 'REQUESTED'),
      // An admin may name any follower; a user's own token proves that the user is one.
      admit: () => people.mustExist(ctx, [followerId, followeeId]),
    });
    return { state: toFollowState(state) };
  };
