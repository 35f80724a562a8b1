import { crashPoint } from '@plaza/core';
import { fanOutChunk, type Handle } from '@plaza/events';
import type { PostCreated } from '@plaza/proto/plaza/feed/v1/events';

import { chunksOf, followersFor } from '../domain/home/fan-out.ts';
import { isComplete } from '../domain/home/receipt.ts';
import type { Deps } from './index.ts';

/** An event this young, on its first delivery, has no receipt worth reading. */
const NEWS_MS = 10_000;

/**
 * Cuts the audience of a new post into tasks. The followers are read after the post was committed, strongly consistent: whoever
 * is not among them yet gets the post by the backfill. Handled again, it plans anew unless every chunk is known to be done: the
 * queue may have been lost, and followers may have come or gone, so that chunks of two plans are not the same.
 */
export const planFanOut =
  ({ receipts, graph, tasks, now, newId }: Deps): Handle<PostCreated> =>
  async (ctx, { postId, authorId, isPrivate }, { at, tries }) => {
    const isNews = tries === 1 && now() - at < NEWS_MS;
    if (!isNews && isComplete(await receipts.get(ctx, postId))) return;
    const planId = newId();
    let chunk = 0;
    for await (const viewerIds of chunksOf(
      authorId,
      followersFor(isPrivate, () => graph.streamFollowers(ctx, { authorId })),
    )) {
      const task = { postId, authorId, chunk, viewerIds, remove: false, planId };
      await tasks.enqueue(fanOutChunk, task, { id: `${planId}/${chunk}`, trace: ctx.trace });
      crashPoint('feed.mid-plan');
      chunk++;
    }
    await receipts.planned(ctx, postId, planId, chunk);
    crashPoint('feed.after-plan');
  };
