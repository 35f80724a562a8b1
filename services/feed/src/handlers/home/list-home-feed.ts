import { callerKey, pageSizeOf } from '@plaza/core';

import type { Position } from '../../domain/home/merge.ts';
import { resumeAfter } from '../../live/position.ts';
import { toFeedState } from '../../mapping.ts';
import type { Deps, FeedHandlers } from '../index.ts';

/** Skeleton, hydration and rules until the page is full, then presentation. */
export const listHomeFeed =
  ({ skeleton, feedPages, feedReading, pageTokens, liveFeeds, now }: Deps): FeedHandlers['listHomeFeed'] =>
  async (ctx, { viewerId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: viewerId };
    const after = pageTokens.decode<Position>(scope, pageToken);
    const feed = await skeleton.open(ctx, viewerId);
    const { items, next } = await feedPages(ctx, feed, { viewerId, after, size: pageSizeOf(pageSize) });
    const shown = items.map(({ entry }) => entry.key);
    return {
      items: await feedReading.present(ctx, items),
      nextPageToken: next === undefined ? '' : pageTokens.encode(scope, next),
      state: toFeedState(feed.state),
      resumeToken:
        after === undefined
          ? liveFeeds.resumeTokens.encode(ctx, viewerId, resumeAfter({ shown, more: next !== undefined, now: now() }))
          : '',
    };
  };
