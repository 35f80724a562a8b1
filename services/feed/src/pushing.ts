import { crashPoint, type Clock, type Context, type Metrics } from '@plaza/core';

import type { FeedRow } from './domain/home/fan-out.ts';
import type { Tally } from './domain/home/receipt.ts';
import type { LiveSignals } from './live/live-signals.ts';
import { fanoutLag, fanoutRows } from './metrics.ts';
import type { Awake } from './store/home/awake.ts';
import type { Deliver } from './store/home/delivery.ts';
import type { HomeFeedStore } from './store/home/home-feed-store.ts';
import type { ReceiptStore } from './store/home/receipt-store.ts';
import type { Truths } from './store/home/truths.ts';

/** One entry and some of its viewers, cut by one planning. */
export interface Chunk {
  readonly entry: string;
  readonly sourceId: string;
  readonly viewerIds: readonly string[];
  readonly planId: string;
  readonly chunk: number;
}

export type Pushing = ReturnType<typeof createPushing>;

/**
 * Writes one entry into the feeds of one chunk of viewers, or takes it out, as what it is about is by now. Every write is by its natural
 * key: repeating it is free.
 */
export const createPushing = (deps: {
  truths: Truths;
  homeFeeds: Pick<HomeFeedStore, 'removeRows'>;
  deliver: Deliver;
  awake: Awake;
  receipts: ReceiptStore;
  live: LiveSignals;
  metrics: Metrics;
  now: Clock;
}) => {
  const { truths, homeFeeds, deliver, awake, receipts, live, metrics, now } = deps;
  const written = metrics.counter(fanoutRows);
  const lag = metrics.histogram(fanoutLag);

  const add = async (ctx: Context, { entry, sourceId, viewerIds }: Chunk): Promise<Tally> => {
    const truth = await truths.get(ctx, entry);
    // If it goes, or is made PRIVATE, from here on, the rows are hidden at read until they expire.
    const wanted = truth === undefined ? [] : viewerIds.filter((viewerId) => truth.isFor(viewerId));
    const readers = await awake(ctx, wanted);
    const tally = { pushed: readers.length, hibernated: wanted.length - readers.length };
    if (truth === undefined || readers.length === 0) return tally;
    const isSource = (viewerId: string) => viewerId === sourceId;
    const ordered = [...readers.filter(isSource), ...readers.filter((viewerId) => !isSource(viewerId))];
    const rows = ordered.map((viewerId): FeedRow => ({ viewerId, entry, sourceId }));
    await deliver(ctx, rows, () => crashPoint('feed.after-push-rows'));
    crashPoint('feed.after-push');
    live.pushed(entry, sourceId, ordered);
    written.add({}, rows.length);
    // What an edit brought into feeds was not late before the edit.
    lag.observe({}, Math.max(0, now() - truth.since) / 1000);
    return tally;
  };

  return {
    async push(ctx: Context, chunk: Chunk): Promise<void> {
      const tally = await add(ctx, chunk);
      await receipts.chunkDone(ctx, chunk.entry, chunk.planId, chunk.chunk, tally);
    },

    /**
     * The delete may hit rows that a later edit's fan-out wrote meanwhile. So the truth is read again behind it, and rows that are to be
     * there are written again, also when the delete was done by a delivery that died before asking.
     */
    async take(ctx: Context, chunk: Chunk): Promise<void> {
      const { entry, viewerIds } = chunk;
      const truth = await truths.get(ctx, entry);
      const unwanted = viewerIds.filter((viewerId) => truth?.isFor(viewerId) !== true);
      if (unwanted.length > 0)
        await homeFeeds.removeRows(
          ctx,
          unwanted.map((viewerId) => ({ viewerId, entry })),
        );
      crashPoint('feed.after-take-out');
      await add(ctx, chunk);
    },
  };
};
