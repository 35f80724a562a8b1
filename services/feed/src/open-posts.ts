import { createRounds } from '@plaza/cache';
import type { Context } from '@plaza/core';

import type { Post } from './domain/posts/post.ts';
import { ANONYMOUS, authorsToCheck, maySee } from './domain/visible.ts';
import type { Peers } from './peers.ts';
import type { PostReader } from './store/posts/post-reader.ts';

/**
 * Finds posts that anybody may see now, also who is not signed in. What is asked while one look is under way goes into the next, together:
 * of ten thousand who like one post within a minute not each costs a read and a question to the graph.
 */
export const createOpenPosts = ({ posts, peers }: { posts: Pick<PostReader, 'getMany'>; peers: Pick<Peers, 'verdicts'> }) => {
  const rounds = createRounds<string, Post>({
    most: 100,
    atOnce: 1,
    timeoutMs: 3_000,
    read: async (ctx, ids) => {
      const found = await posts.getMany(ctx, ids);
      const verdicts = await peers.verdicts(ctx, ANONYMOUS, authorsToCheck(found, ANONYMOUS));
      return new Map(
        found.flatMap((post, i) => (maySee(post, ANONYMOUS, verdicts.get(post?.authorId ?? '')) ? [[ids[i]!, post]] : [])),
      );
    },
  });

  /** @throws UNAVAILABLE VISIBILITY_UNKNOWN */
  return async (ctx: Context, postId: string): Promise<Post | undefined> => (await rounds(ctx, [postId])).get(postId);
};
