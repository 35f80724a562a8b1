import { crashPoint } from '@plaza/core';
import type { Handle } from '@plaza/events';
import type { FollowsImported } from '@plaza/proto/plaza/graph/v1/events';

import type { Deps } from './index.ts';

/** All followees of one event at once: most imports come before anybody has posted, and then cost one batch read. */
export const backfillImport =
  ({ backfill }: Deps): Handle<FollowsImported> =>
  async (ctx, { followerId, followeeIds }) => {
    await backfill.follow(ctx, followerId, followeeIds);
    crashPoint('feed.after-import-backfill');
  };
