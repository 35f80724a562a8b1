import { orderPaid, postCreated, postLiked, postViews, repostCreated, type Consumers, type Handle } from '@plaza/events';

import { countSales } from './count-sales.ts';
import { countViews } from './count-views.ts';
import type { Deps } from './index.ts';
import { trendLike } from './trend-like.ts';
import { trendPost } from './trend-post.ts';
import { trendRepost } from './trend-repost.ts';

/** What is handled at a time is counted in one transaction. */
const CONCURRENCY = 64;
const VIEWS = 'feed-count-views';

/** What posts are looked at for, and what they sell. */
export const addAttention = (consumers: Consumers, deps: Deps): void => {
  const by = <T>(durable: string, handle: Handle<T>) => ({ durable, handle, concurrency: CONCURRENCY });
  consumers.onTask(postViews, by(VIEWS, countViews(deps, VIEWS)));
  consumers.on(postLiked, by('feed-trend-like', trendLike(deps)));
  consumers.on(repostCreated, by('feed-trend-repost', trendRepost(deps)));
  consumers.on(postCreated, by('feed-trend-post', trendPost(deps)));
  consumers.on(orderPaid, by('feed-count-sales', countSales(deps)));
};
