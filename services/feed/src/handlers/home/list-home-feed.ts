import { callerKey, pageSizeOf } from '@plaza/core';
import { FeedState } from '@plaza/proto/plaza/feed/v1/feed_service';

import type { Position } from '../../domain/home/merge.ts';
import type { Deps, FeedHandlers } from '../index.ts';

/** Skeleton, hydration and rules until the page is full, then presentation. */
export const listHomeFeed =
  ({ skeleton, feedPages, feedReading, pageTokens }: Deps): FeedHandlers['listHomeFeed'] =>
  async (ctx, { viewerId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: viewerId };
    const after = pageTokens.decode<Position>(scope, pageToken);
    const feed = await skeleton.open(ctx, viewerId);
    const page = await feedPages(ctx, feed, { viewerId, after, size: pageSizeOf(pageSize) });
    return {
      items: await feedReading.present(ctx, page.items),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
      state: feed.state.state === 'READY' ? FeedState.READY : FeedState.REBUILDING,
      resumeToken: '',
    };
  };
