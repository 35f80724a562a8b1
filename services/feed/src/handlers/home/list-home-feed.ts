import { callerKey, fillPage, pageSizeOf } from '@plaza/core';
import { FeedState } from '@plaza/proto/plaza/feed/v1/feed_service';

import { entryOf } from '../../domain/home/entry.ts';
import type { Seen } from '../../feed-reading.ts';
import { resumeAfter } from '../../live/position.ts';
import type { Deps, FeedHandlers } from '../index.ts';

/** After so many reads the page goes out short, with a token: one reader's hidden rows must not cost without end. */
const MAX_ROUNDS = 10;

/** Skeleton, hydration and rules until the page is full, then presentation. Everything that decides is read anew at each call. */
export const listHomeFeed = (deps: Deps): FeedHandlers['listHomeFeed'] => {
  const { skeleton, feedReading, pageTokens, liveFeeds, metrics, now } = deps;
  const refills = metrics.histogram('feed_refill_rounds', 'Rounds that one page of a home feed took', []);
  return async (ctx, { viewerId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: viewerId };
    const size = pageSizeOf(pageSize);
    const start = pageTokens.decode<string>(scope, pageToken);
    const feed = await skeleton.open(ctx, viewerId);
    const page = await fillPage<Seen>(
      size,
      start,
      async (before) => {
        const { ids, more } = await feed.page(before, size);
        const seen = await feedReading.judge(ctx, ids.map(entryOf), viewerId);
        return { entries: ids.map((id, i) => ({ place: id, item: seen[i] })), end: !more };
      },
      MAX_ROUNDS,
    );
    refills.observe({}, page.rounds);
    return {
      items: await feedReading.present(ctx, page.items),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
      state: feed.state.state === 'READY' ? FeedState.READY : FeedState.REBUILDING,
      resumeToken:
        start === undefined
          ? liveFeeds.resumeTokens.encode(
              ctx,
              viewerId,
              resumeAfter({ shown: page.items.map(({ entry }) => entry.key), more: page.next !== undefined, now: now() }),
            )
          : '',
    };
  };
};
