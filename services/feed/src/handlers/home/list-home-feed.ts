import { callerKey, fillPage, pageSizeOf } from '@plaza/core';
import { FeedReason } from '@plaza/proto/plaza/feed/v1/feed_service';

import type { Look } from '../../domain/posts/look.ts';
import { belongsInFeed } from '../../domain/visible.ts';
import type { Deps, FeedHandlers } from '../index.ts';

/** After so many reads the page goes out short, with a token: one reader's hidden rows must not cost without end. */
const MAX_ROUNDS = 10;

/** Skeleton, hydration and rules until the page is full, then presentation. Everything that decides is read anew at each call. */
export const listHomeFeed = (deps: Deps): FeedHandlers['listHomeFeed'] => {
  const { homeFeeds, reading, pageTokens, metrics } = deps;
  const refills = metrics.histogram('feed_refill_rounds', 'Rounds that one page of a home feed took', []);
  return async (ctx, { viewerId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: viewerId };
    const size = pageSizeOf(pageSize);
    const start = pageTokens.decode<string>(scope, pageToken);
    const page = await fillPage<Look>(
      size,
      start,
      async (before) => {
        const { ids, more } = await homeFeeds.page(ctx, viewerId, before, size);
        const looks = ids.length === 0 ? [] : await reading.judge(ctx, ids, belongsInFeed, viewerId);
        return { entries: ids.map((id, i) => ({ place: id, item: looks[i] })), end: !more };
      },
      MAX_ROUNDS,
    );
    refills.observe({}, page.rounds);
    const posts = await reading.present(ctx, page.items);
    return {
      items: posts.map((post) => ({ post, reason: FeedReason.FOLLOW })),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
    };
  };
};
