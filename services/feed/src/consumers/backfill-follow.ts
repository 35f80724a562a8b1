import { crashPoint } from '@plaza/core';
import type { Handle } from '@plaza/events';
import type { FollowCreated } from '@plaza/proto/plaza/graph/v1/events';

import type { Deps } from './index.ts';

/** If the follow has ended meanwhile, its rows are hidden at read; if it began again, they are right. */
export const backfillFollow =
  ({ backfill }: Deps): Handle<FollowCreated> =>
  async (ctx, { followerId, followeeId }) => {
    await backfill.follow(ctx, followerId, [followeeId]);
    crashPoint('feed.after-backfill');
  };
