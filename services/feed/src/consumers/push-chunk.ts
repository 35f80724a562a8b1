import { crashPoint, type Context } from '@plaza/core';
import type { Handle } from '@plaza/events';
import type { FanOutChunk } from '@plaza/proto/plaza/feed/v1/tasks';

import { isFor, type FeedRow } from '../domain/home/fan-out.ts';
import { beginOf } from '../domain/posts/edit.ts';
import { isDeleted } from '../domain/posts/post.ts';
import type { Deps } from './index.ts';

type ChunkDeps = Pick<Deps, 'posts' | 'homeFeeds' | 'deliver' | 'receipts' | 'metrics' | 'now'>;

/**
 * Writes one post into the feeds of one chunk of viewers, or takes it out, as the post is by now. Every write is by its natural key:
 * repeating it is free.
 */
export const pushChunk = ({ posts, homeFeeds, deliver, receipts, metrics, now }: ChunkDeps): Handle<FanOutChunk> => {
  const written = metrics.counter('feed_fanout_rows_total', 'Home feed rows written by the fan-out', []);
  const lag = metrics.histogram(
    'feed_fanout_lag_seconds',
    'From a post or its last edit to its rows in the feeds of one chunk',
    [],
  );

  const add = async (ctx: Context, postId: string, rows: readonly FeedRow[]): Promise<void> => {
    const post = await posts.get(ctx, postId);
    // If it is deleted or made PRIVATE from here on, the rows are hidden at read until they expire.
    if (post === undefined || isDeleted(post)) return;
    const wanted = rows.filter(({ viewerId }) => isFor(post, viewerId));
    if (wanted.length === 0) return;
    await deliver(ctx, wanted, () => crashPoint('feed.after-push-rows'));
    crashPoint('feed.after-push');
    written.add({}, wanted.length);
    // What an edit brought into feeds was not late before the edit.
    lag.observe({}, Math.max(0, now() - beginOf(post)) / 1000);
  };

  /**
   * The delete may hit rows that a later edit's fan-out wrote meanwhile. So the post is read again behind it, and rows that are to be
   * there are written again, also when the delete was done by a delivery that died before asking.
   */
  const take = async (ctx: Context, postId: string, rows: readonly FeedRow[]): Promise<void> => {
    const post = await posts.get(ctx, postId);
    const unwanted = rows.filter(({ viewerId }) => !isFor(post, viewerId));
    if (unwanted.length > 0) await homeFeeds.removeRows(ctx, unwanted);
    crashPoint('feed.after-take-out');
    await add(ctx, postId, rows);
  };

  return async (ctx, { postId, authorId, viewerIds, chunk, planId, remove }) => {
    const rows = viewerIds.map((viewerId) => ({ viewerId, postId, authorId }));
    if (remove) return take(ctx, postId, rows);
    await add(ctx, postId, rows);
    await receipts.chunkDone(ctx, postId, planId, chunk);
  };
};
