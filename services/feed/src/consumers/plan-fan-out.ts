import { crashPoint } from '@plaza/core';
import { fanOutChunk, type Handle } from '@plaza/events';
import type { PostCreated } from '@plaza/proto/plaza/feed/v1/events';

import { chunksOf, followersFor } from '../domain/fan-out.ts';
import { isDeleted } from '../domain/post.ts';
import { isComplete } from '../domain/receipt.ts';
import type { Deps } from './index.ts';

/**
 * Cuts the audience of a new post into tasks. The followers are read after the post was committed, strongly consistent: whoever
 * is not among them yet gets the post by the backfill. Handled again, it plans anew unless every chunk is known to be done: the
 * queue may have been lost, and followers may have come or gone, so that chunks of two plans are not the same.
 */
export const planFanOut =
  ({ posts, receipts, graph, tasks, newId }: Deps): Handle<PostCreated> =>
  async (ctx, { postId, authorId }) => {
    const [post, receipt] = await Promise.all([posts.get(ctx, postId), receipts.get(ctx, postId)]);
    if (post === undefined || isDeleted(post) || isComplete(receipt)) return;
    const planId = newId();
    let chunk = 0;
    for await (const viewerIds of chunksOf(
      authorId,
      followersFor(post, () => graph.streamFollowers(ctx, { authorId })),
    )) {
      const task = { postId, authorId, chunk, viewerIds, remove: false, planId };
      await tasks.enqueue(fanOutChunk, task, { id: `${planId}/${chunk}`, trace: ctx.trace });
      crashPoint('feed.mid-plan');
      chunk++;
    }
    await receipts.planned(ctx, postId, planId, chunk);
    crashPoint('feed.after-plan');
  };
