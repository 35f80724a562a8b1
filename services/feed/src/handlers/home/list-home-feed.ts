import { callerKey, pageSizeOf } from '@plaza/core';
import { FeedOrder } from '@plaza/proto/plaza/feed/v1/feed_service';

import type { Position } from '../../domain/home/merge.ts';
import { resumeAfter } from '../../live/position.ts';
import { toFeedState } from '../../mapping.ts';
import type { RankedPosition } from '../../ranked-pages.ts';
import type { Deps, FeedHandlers } from '../index.ts';

/** Skeleton, hydration and rules until the page is full, then presentation. A token is good for the order that gave it. */
export const listHomeFeed =
  ({ skeleton, feedPages, rankedPages, feedReading, pageTokens, liveFeeds, now }: Deps): FeedHandlers['listHomeFeed'] =>
  async (ctx, { viewerId, pageSize, pageToken, order }) => {
    const isRanked = order === FeedOrder.RANKED;
    const filter = isRanked ? `${viewerId}/ranked` : viewerId;
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter };
    const ask = { viewerId, size: pageSizeOf(pageSize) };
    const after = pageTokens.decode<RankedPosition>(scope, pageToken);
    const feed = await skeleton.open(ctx, viewerId);
    const { items, next } = isRanked
      ? await rankedPages(ctx, feed, { ...ask, after })
      : await feedPages(ctx, feed, { ...ask, after: after as Position | undefined });
    const shown = items.map(({ entry }) => entry.key);
    return {
      items: await feedReading.present(ctx, items),
      nextPageToken: next === undefined ? '' : pageTokens.encode(scope, next),
      state: toFeedState(feed.state),
      resumeToken:
        after === undefined
          ? liveFeeds.resumeTokens.encode(
              ctx,
              viewerId,
              resumeAfter({ shown, more: !isRanked && next !== undefined, now: now() }),
            )
          : '',
    };
  };
