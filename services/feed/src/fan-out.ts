import { crashPoint, type Context } from '@plaza/core';
import type { GraphClients } from '@plaza/clients';
import { fanOutChunk, type Bus } from '@plaza/events';

import { chunksOf, followersFor } from './domain/home/fan-out.ts';
import type { Post, Tombstone } from './domain/posts/post.ts';
import type { ReceiptStore } from './store/home/receipt-store.ts';

export type FanOut = ReturnType<typeof createFanOut>;

/**
 * Cuts the audience of a post into tasks. The followers are read after the post was committed, strongly consistent: whoever is not
 * among them yet gets the post by the backfill. Chunks of two plans are not the same: followers come and go in between.
 */
export const createFanOut = (deps: {
  graph: Pick<GraphClients['graph'], 'streamFollowers'>;
  tasks: Pick<Bus, 'enqueue'>;
  receipts: ReceiptStore;
  newId: () => string;
}) => {
  const { graph, tasks, receipts, newId } = deps;

  const enqueue = async (
    ctx: Context,
    { postId, authorId }: Post | Tombstone,
    { remove, authorOnly }: { remove: boolean; authorOnly: boolean },
  ): Promise<{ planId: string; chunks: number }> => {
    const planId = newId();
    let chunk = 0;
    for await (const viewerIds of chunksOf(
      authorId,
      followersFor(authorOnly, () => graph.streamFollowers(ctx, { authorId })),
    )) {
      const task = { postId, authorId, chunk, viewerIds, remove, planId };
      await tasks.enqueue(fanOutChunk, task, { id: `${planId}/${chunk}`, trace: ctx.trace });
      if (!remove) crashPoint('feed.mid-plan');
      chunk++;
    }
    return { planId, chunks: chunk };
  };

  return {
    /** Brings a post, as it was read, into the feeds that are to have it. */
    async push(ctx: Context, post: Post): Promise<void> {
      const { planId, chunks } = await enqueue(ctx, post, { remove: false, authorOnly: post.visibility === 'PRIVATE' });
      await receipts.planned(ctx, post.postId, planId, chunks);
      crashPoint('feed.after-plan');
    },

    /**
     * Takes out of feeds the rows that are not to be there. They are hidden at read already, so a task that is lost with the queue
     * costs space, not truth; former followers were swept when they left.
     */
    async sweep(ctx: Context, post: Post | Tombstone, from: 'AUTHOR' | 'EVERYBODY'): Promise<void> {
      await enqueue(ctx, post, { remove: true, authorOnly: from === 'AUTHOR' });
    },
  };
};
