import { mutationOf } from '@plaza/core';
import { FollowState } from '@plaza/proto/plaza/graph/v1/social_graph_service';

import { selfFollow, userNotFound } from '../domain/errors.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const follow =
  ({ follows, users }: Deps): GraphHandlers['follow'] =>
  async (ctx, request) => {
    const { followerId, followeeId, requestId } = request;
    if (followerId === followeeId) throw selfFollow();
    await follows.follow(ctx, mutationOf(ctx, requestId, request), { followerId, followeeId }, async () => {
      // An admin may name any follower; a user's own token proves that the user is one.
      const { missingIds } = await users.batchGetUsers(ctx, { userIds: [followerId, followeeId] });
      if (missingIds[0] !== undefined) throw userNotFound(missingIds[0]);
    });
    return { state: FollowState.ACTIVE };
  };
