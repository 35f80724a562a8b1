import { crashPoint, type Context } from '@plaza/core';
import type { Handle } from '@plaza/events';
import type { FollowRemoved } from '@plaza/proto/plaza/graph/v1/events';

import type { Deps } from './index.ts';

/**
 * Takes an author out of a feed: rows, and the mark by which it pulls. They were hidden at read since the unfollow; this gives the space back. The event may come
 * late, when the viewer follows again: then they are right, and the delete may have hit some that the new follow's backfill
 * wrote. So the graph is asked after the delete, and whoever follows gets the backfill again, also when the delete was done by
 * a delivery that died before asking.
 */
export const sweepFollow = ({ homeFeeds, states, backfill, peers }: Deps): Handle<FollowRemoved> => {
  const follows = async (ctx: Context, viewerId: string, authorId: string) =>
    (await peers.verdicts(ctx, viewerId, [authorId])).get(authorId)?.following === true;

  return async (ctx, { followerId, followeeId }) => {
    if (!(await follows(ctx, followerId, followeeId))) {
      const entries = await homeFeeds.entriesOf(ctx, followerId, followeeId);
      if (entries.length > 0)
        await homeFeeds.removeRows(
          ctx,
          entries.map((entry) => ({ viewerId: followerId, entry })),
        );
      await states.unpull(ctx, followerId, followeeId);
      crashPoint('feed.after-sweep-delete');
      if (!(await follows(ctx, followerId, followeeId))) return;
    }
    await backfill.follow(ctx, followerId, [followeeId]);
  };
};
