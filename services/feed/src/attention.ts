import type { Context } from '@plaza/core';

import type { Post } from './domain/posts/post.ts';
import { createOpenPosts } from './open-posts.ts';
import type { Peers } from './peers.ts';
import type { Attention, AttentionStore } from './store/posts/attention-store.ts';
import type { PostReader } from './store/posts/post-reader.ts';

export type PayAttention = ReturnType<typeof createPayAttention>;

/**
 * Lets posts trend for what happened to them, if anybody may see them now: what is for some only must not be told to all by its
 * hashtags. What comes to be hidden later is withheld when it is read.
 */
export const createPayAttention = (deps: {
  attention: AttentionStore;
  posts: Pick<PostReader, 'getMany'>;
  peers: Pick<Peers, 'verdicts'>;
}) => {
  const openPost = createOpenPosts(deps);
  return async (ctx: Context, postIds: readonly string[], what: (post: Post) => Omit<Attention, 'post'>): Promise<void> => {
    const pay = async (postId: string) => {
      const post = await openPost(ctx, postId);
      if (post) await deps.attention.count(ctx, { ...what(post), post });
    };
    await Promise.all(postIds.map(pay));
  };
};
