import { mutationOf } from '@plaza/core';
import type { Handle } from '@plaza/events';
import type { FollowRequested } from '@plaza/proto/plaza/graph/v1/events';

import { planGrant } from '../domain/plan.ts';
import type { Deps } from './index.ts';

/**
 * A request may be written just when the account goes public, and behind the back of who grants all requests of before. If the account
 * is still private when this reads it, whatever makes it public later comes across the request.
 */
export const grantLateRequest =
  ({ standings, ties, followLimit }: Pick<Deps, 'standings' | 'ties' | 'followLimit'>): Handle<FollowRequested> =>
  async (ctx, { followerId, followeeId }) => {
    const standing = (await standings.of(ctx, [followeeId])).get(followeeId);
    if (standing?.isPrivate) return;
    await ties.change(ctx, mutationOf(ctx, '', {}), {
      ids: [followeeId, followerId],
      plan: planGrant(followLimit),
      reply: () => null,
    });
  };
