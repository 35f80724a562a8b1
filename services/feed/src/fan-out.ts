import { crashPoint, type Context } from '@plaza/core';
import { fanOutChunk, type Bus } from '@plaza/events';

import { chunksOf, followersFor, type Published } from './domain/home/fan-out.ts';
import type { ReceiptStore } from './store/home/receipt-store.ts';

/** Who follows a source, or keeps it in view, by a strongly consistent read. */
export type FollowersOf = (ctx: Context, published: Published) => AsyncIterable<{ readonly followerIds: readonly string[] }>;

export type FanOut = ReturnType<typeof createFanOut>;

/**
 * Cuts the audience of an entry into tasks. The followers are read after the entry was committed, strongly consistent: whoever is not
 * among them yet gets it by the backfill. Chunks of two plans are not the same: followers come and go in between.
 */
export const createFanOut = (deps: {
  followersOf: FollowersOf;
  tasks: Pick<Bus, 'enqueue'>;
  receipts: ReceiptStore;
  newId: () => string;
}) => {
  const { followersOf, tasks, receipts, newId } = deps;

  const enqueue = async (ctx: Context, published: Published, remove: boolean): Promise<{ planId: string; chunks: number }> => {
    const { entry, sourceId, audience } = published;
    const planId = newId();
    let chunk = 0;
    const first = audience === 'EVERYBODY' || audience === 'OWN' ? [sourceId] : [];
    for await (const viewerIds of chunksOf(
      first,
      followersFor(audience === 'OWN', () => followersOf(ctx, published)),
    )) {
      const task = { entry, sourceId, chunk, viewerIds, remove, planId };
      await tasks.enqueue(fanOutChunk, task, { id: `${planId}/${chunk}`, trace: ctx.trace });
      if (!remove) crashPoint('feed.mid-plan');
      chunk++;
    }
    return { planId, chunks: chunk };
  };

  return {
    /** Brings an entry into the feeds that are to have it. */
    async push(ctx: Context, published: Published): Promise<void> {
      const { planId, chunks } = await enqueue(ctx, published, false);
      await receipts.planned(ctx, published.entry, planId, chunks);
      crashPoint('feed.after-plan');
    },

    /**
     * Takes out of feeds the rows that are not to be there. They are hidden at read already, so a task that is lost with the queue
     * costs space, not truth; former followers were swept when they left.
     */
    async sweep(ctx: Context, published: Published): Promise<void> {
      await enqueue(ctx, published, true);
    },
  };
};
