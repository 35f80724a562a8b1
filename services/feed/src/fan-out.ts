import { crashPoint, type Context } from '@plaza/core';
import { fanOutChunk, type Bus } from '@plaza/events';

import { chunksOf, followersFor, type Published } from './domain/home/fan-out.ts';
import type { LiveSignals } from './live/live-signals.ts';
import type { Modes } from './modes.ts';
import type { Chunk, Pushing } from './pushing.ts';
import type { ReceiptStore } from './store/home/receipt-store.ts';
import type { SourceTimelines } from './store/home/source-timelines.ts';

/** Who follows a source, or keeps it in view, by a strongly consistent read. */
export type FollowersOf = (ctx: Context, published: Published) => AsyncIterable<{ readonly followerIds: readonly string[] }>;

export type FanOut = ReturnType<typeof createFanOut>;

/**
 * Brings entries to their audience. The followers are read after the entry was committed, strongly consistent: whoever is not
 * among them yet gets it by the backfill. Chunks of two plans are not the same: followers come and go in between.
 */
export const createFanOut = (deps: {
  followersOf: FollowersOf;
  tasks: Pick<Bus, 'enqueue'>;
  timelines: Pick<SourceTimelines, 'add'>;
  modes: Modes;
  pushing: Pushing;
  receipts: ReceiptStore;
  live: LiveSignals;
  newId: () => string;
}) => {
  const { followersOf, tasks, timelines, modes, pushing, receipts, live, newId } = deps;

  /**
   * Tasks of one chunk each. What is one chunk alone is done here and now: whoever has few followers does not stand in line behind the
   * chunks of who has very many.
   */
  const spread = async (ctx: Context, published: Published, remove: boolean): Promise<{ planId: string; chunks: number }> => {
    const { entry, sourceId, audience } = published;
    const planId = newId();
    const enqueue = async (chunk: Chunk) => {
      const task = { ...chunk, viewerIds: [...chunk.viewerIds], remove };
      await tasks.enqueue(fanOutChunk, task, { id: `${planId}/${chunk.chunk}`, trace: ctx.trace });
      reached();
    };
    const reached = () => {
      if (!remove) crashPoint('feed.mid-plan');
    };
    const first = audience === 'EVERYBODY' || audience === 'OWN' ? [sourceId] : [];
    let chunks = 0;
    let last: Chunk | undefined;
    for await (const viewerIds of chunksOf(
      first,
      followersFor(audience === 'OWN', () => followersOf(ctx, published)),
    )) {
      if (last) await enqueue(last);
      last = { entry, sourceId, viewerIds, planId, chunk: chunks++ };
    }
    if (last && chunks > 1) await enqueue(last);
    else if (last) {
      reached();
      await (remove ? pushing.take(ctx, last) : pushing.push(ctx, last));
    }
    return { planId, chunks };
  };

  return {
    /** Brings an entry into the feeds that are to have it. */
    async push(ctx: Context, published: Published): Promise<void> {
      const { entry, sourceId, audience } = published;
      await timelines.add(ctx, sourceId, entry);
      // Nobody but the source itself has a PRIVATE post, and products are not followed by enough people.
      const isOfPerson = audience === 'EVERYBODY' || audience === 'FOLLOWERS';
      const { mode, followers } = isOfPerson ? await modes.decide(ctx, sourceId, entry) : PUSHED;
      const isPulled = mode === 'PULL';
      const pushed = isPulled ? { ...published, ...(audience === 'EVERYBODY' && { audience: 'OWN' as const }) } : published;
      const plan = isPulled && audience === 'FOLLOWERS' ? { planId: newId(), chunks: 0 } : await spread(ctx, pushed, false);
      await receipts.planned(ctx, entry, plan.planId, plan.chunks, isPulled ? followers : 0);
      if (isPulled) live.pulled(entry, sourceId);
      crashPoint('feed.after-plan');
    },

    /**
     * Takes out of feeds the rows that are not to be there. They are hidden at read already, so a task that is lost with the queue
     * costs space, not truth; former followers were swept when they left. Whose entries are pulled has few rows left, which expire.
     */
    async sweep(ctx: Context, published: Published): Promise<void> {
      const isPulled = published.audience !== 'SAVERS' && (await modes.isPulled(ctx, published.sourceId));
      await spread(ctx, isPulled ? { ...published, audience: 'OWN' } : published, true);
    },
  };
};

const PUSHED = { mode: 'PUSH', followers: 0 } as const;
