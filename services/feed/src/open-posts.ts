import type { Context } from '@plaza/core';

import type { Post } from './domain/posts/post.ts';
import { ANONYMOUS, authorsToCheck, maySee } from './domain/visible.ts';
import type { Peers } from './peers.ts';
import type { PostReader } from './store/posts/post-reader.ts';

/** Looked up by one read and one question. */
const MOST = 100;

interface Asked {
  readonly ctx: Context;
  readonly found: PromiseWithResolvers<Post | undefined>;
}

/**
 * Finds posts that anybody may see now, also who is not signed in. What is asked while one look is under way goes into the next, together:
 * of ten thousand who like one post within a minute not each costs a read and a question to the graph. Each answer is of a look that
 * began after the question.
 */
export const createOpenPosts = ({ posts, peers }: { posts: Pick<PostReader, 'getMany'>; peers: Pick<Peers, 'verdicts'> }) => {
  const queue = new Map<string, Asked>();
  let running = false;

  const look = async (ctx: Context, ids: readonly string[]): Promise<(Post | undefined)[]> => {
    const found = await posts.getMany(ctx, ids);
    const verdicts = await peers.verdicts(ctx, ANONYMOUS, authorsToCheck(found, ANONYMOUS));
    return found.map((post) => (maySee(post, ANONYMOUS, verdicts.get(post?.authorId ?? '')) ? post : undefined));
  };

  const run = async () => {
    running = true;
    while (queue.size > 0) {
      const batch = [...queue].slice(0, MOST);
      for (const [id] of batch) queue.delete(id);
      try {
        // The youngest has the most time; who ran out of it is told again.
        const { ctx } = batch.at(-1)![1];
        const found = await look(
          ctx,
          batch.map(([id]) => id),
        );
        for (const [i, [, asked]] of batch.entries()) asked.found.resolve(found[i]);
      } catch (error) {
        for (const [, asked] of batch) asked.found.reject(error);
      }
    }
    running = false;
  };

  /** @throws UNAVAILABLE VISIBILITY_UNKNOWN */
  return (ctx: Context, postId: string): Promise<Post | undefined> => {
    const asked = { ctx, found: queue.get(postId)?.found ?? Promise.withResolvers<Post | undefined>() };
    // The youngest stands last.
    queue.delete(postId);
    queue.set(postId, asked);
    if (!running) void run();
    return asked.found.promise;
  };
};
