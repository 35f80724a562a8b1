import { crashPoint, idTime } from '@plaza/core';
import type { Handle } from '@plaza/events';
import type { FanOutChunk } from '@plaza/proto/plaza/feed/v1/tasks';

import { isDeleted } from '../domain/posts/post.ts';
import type { Deps } from './index.ts';

/** Writes one post into the feeds of one chunk of viewers, or takes it out. Every write is by its natural key: repeating it is free. */
export const pushChunk = ({ posts, homeFeeds, deliver, receipts, metrics, now }: Deps): Handle<FanOutChunk> => {
  const written = metrics.counter('feed_fanout_rows_total', 'Home feed rows written by the fan-out', []);
  const lag = metrics.histogram('feed_fanout_lag_seconds', 'From a post to its rows in the feeds of one chunk', []);
  return async (ctx, { postId, authorId, viewerIds, chunk, planId, remove }) => {
    const rows = viewerIds.map((viewerId) => ({ viewerId, postId, authorId }));
    if (remove) return homeFeeds.removeRows(ctx, rows);
    const post = await posts.get(ctx, postId);
    // A deleted post has nothing left to do. If it is deleted from here on, the rows are hidden at read until they expire.
    if (post !== undefined && !isDeleted(post)) {
      await deliver(ctx, rows, () => crashPoint('feed.after-push-rows'));
      crashPoint('feed.after-push');
      written.add({}, rows.length);
    }
    await receipts.chunkDone(ctx, postId, planId, chunk);
    lag.observe({}, Math.max(0, now() - idTime(postId)) / 1000);
  };
};
