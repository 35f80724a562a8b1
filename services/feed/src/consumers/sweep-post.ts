import { fanOutChunk, type Handle } from '@plaza/events';
import type { PostDeleted } from '@plaza/proto/plaza/feed/v1/events';

import { chunksOf, followersFor } from '../domain/home/fan-out.ts';
import type { Deps } from './index.ts';

/**
 * Takes the rows of a deleted post out of the feeds that may have it. It is hidden at read since the delete, so a task lost with
 * the queue costs space, not truth; former followers were swept when they left.
 */
export const sweepPost =
  ({ posts, graph, tasks, newId }: Deps): Handle<PostDeleted> =>
  async (ctx, { postId, authorId }) => {
    const post = await posts.get(ctx, postId);
    if (post === undefined) return;
    const planId = newId();
    let chunk = 0;
    for await (const viewerIds of chunksOf(
      authorId,
      followersFor(post.visibility === 'PRIVATE', () => graph.streamFollowers(ctx, { authorId })),
    )) {
      const task = { postId, authorId, chunk, viewerIds, remove: true, planId };
      await tasks.enqueue(fanOutChunk, task, { id: `${planId}/${chunk}`, trace: ctx.trace });
      chunk++;
    }
  };
