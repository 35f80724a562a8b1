import { crashPoint, type Context } from '@plaza/core';
import type { Handle } from '@plaza/events';
import type { FanOutChunk } from '@plaza/proto/plaza/feed/v1/tasks';

import type { FeedRow } from '../domain/home/fan-out.ts';
import type { Deps } from './index.ts';

type ChunkDeps = Pick<Deps, 'truths' | 'homeFeeds' | 'deliver' | 'receipts' | 'live' | 'metrics' | 'now'>;

/**
 * Writes one entry into the feeds of one chunk of viewers, or takes it out, as what it is about is by now. Every write is by its natural key:
 * repeating it is free.
 */
export const pushChunk = ({ truths, homeFeeds, deliver, receipts, live, metrics, now }: ChunkDeps): Handle<FanOutChunk> => {
  const written = metrics.counter('feed_fanout_rows_total', 'Home feed rows written by the fan-out', []);
  const lag = metrics.histogram(
    'feed_fanout_lag_seconds',
    'From a post or its last edit to its rows in the feeds of one chunk',
    [],
  );

  const add = async (ctx: Context, entry: string, sourceId: string, rows: readonly FeedRow[]): Promise<void> => {
    const truth = await truths.get(ctx, entry);
    // If it goes, or is made PRIVATE, from here on, the rows are hidden at read until they expire.
    if (truth === undefined) return;
    const wanted = rows.filter(({ viewerId }) => truth.isFor(viewerId));
    if (wanted.length === 0) return;
    await deliver(ctx, wanted, () => crashPoint('feed.after-push-rows'));
    crashPoint('feed.after-push');
    live.pushed(
      entry,
      sourceId,
      wanted.map(({ viewerId }) => viewerId),
    );
    written.add({}, wanted.length);
    // What an edit brought into feeds was not late before the edit.
    lag.observe({}, Math.max(0, now() - truth.since) / 1000);
  };

  /**
   * The delete may hit rows that a later edit's fan-out wrote meanwhile. So the truth is read again behind it, and rows that are to be
   * there are written again, also when the delete was done by a delivery that died before asking.
   */
  const take = async (ctx: Context, entry: string, sourceId: string, rows: readonly FeedRow[]): Promise<void> => {
    const truth = await truths.get(ctx, entry);
    const unwanted = rows.filter(({ viewerId }) => truth?.isFor(viewerId) !== true);
    if (unwanted.length > 0) await homeFeeds.removeRows(ctx, unwanted);
    crashPoint('feed.after-take-out');
    await add(ctx, entry, sourceId, rows);
  };

  return async (ctx, { entry, sourceId, viewerIds, chunk, planId, remove }) => {
    const rows = viewerIds.map((viewerId) => ({ viewerId, entry, sourceId }));
    if (remove) return take(ctx, entry, sourceId, rows);
    await add(ctx, entry, sourceId, rows);
    await receipts.chunkDone(ctx, entry, planId, chunk);
  };
};
