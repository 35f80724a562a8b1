import { erasureHandler, reportTo, type Erased } from '@plaza/clients';
import { crashPoint } from '@plaza/core';
import type { Handle } from '@plaza/events';
import type { UserErasureRequested } from '@plaza/proto/plaza/user/v1/events';

import type { ErasedRows } from '../store/erasure-store.ts';
import type { Deps } from './index.ts';

const KEPT = [
  'post ids with their author: whoever still has one in a feed is told that it is gone',
  'requests: a hash of each, and the id of its post or a time: they expire within 48 hours',
  'that the person is gone, so that nothing is done in their name any more: it expires in 8 days',
  'numbers of each post: likes, reposts, replies, views, and what of which product was sold because of it',
  'in what others are told of, the id of who followed or asked: nobody is shown it, and it expires within 90 days',
  'news of products: what was listed, its prices, and the id of its seller: they expire within 30 days',
  'orders, by their ids alone, of which something was taken back: they expire within 30 days',
  'how much attention hashtags and posts got, not from whom: it expires within 9 days',
  'events, fan-out receipts and marks of what was counted: ids, some as hashes, they expire within 7 and 30 days',
];

/** Posts become tombstones, as DeletePost makes them; the person's timeline, home feed, likes, reposts and bookmarks go, and so do purchases, news, saves and notifications. */
export const eraseUser = ({
  erasures,
  engagementErasure,
  storyErasure,
  timelines,
  users,
  now,
}: Deps): Handle<UserErasureRequested> =>
  erasureHandler({
    report: reportTo(users),
    now,
    erase: async (ctx, userId) => {
      const before = await erasures.finished(ctx, userId);
      if (before) return receipt(before);
      await erasures.begin(ctx, userId);
      await engagementErasure.eraseEngagements(ctx, userId);
      await storyErasure.eraseStories(ctx, userId);
      await erasures.erasePosts(ctx, userId);
      await erasures.eraseFeed(ctx, userId);
      await erasures.eraseNotices(ctx, userId);
      await timelines.forget(ctx, userId);
      const rows = await erasures.finish(ctx, userId);
      crashPoint('feed.after-erase');
      return receipt(rows);
    },
  });

const receipt = ({ feedRows, posts, ...done }: ErasedRows): Erased => ({
  erased: { posts, feed_rows: feedRows, ...done },
  kept: KEPT,
});
