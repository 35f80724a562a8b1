import type { Context } from '@plaza/core';

import type { Post, Tombstone } from './domain/posts/post.ts';
import { ANONYMOUS, authorsToCheck, maySee } from './domain/visible.ts';
import type { Peers } from './peers.ts';
import type { Attention, AttentionStore } from './store/posts/attention-store.ts';

export type PayAttention = ReturnType<typeof createPayAttention>;

/**
 * Lets posts trend for what happened to them, if anybody may see them now, also who is not signed in: what is for some only must not be
 * told to all by its hashtags. What comes to be hidden later is withheld when it is read.
 */
export const createPayAttention =
  ({ attention, peers }: { attention: AttentionStore; peers: Pick<Peers, 'verdicts'> }) =>
  async (
    ctx: Context,
    posts: readonly (Post | Tombstone | undefined)[],
    what: (post: Post) => Omit<Attention, 'post'>,
  ): Promise<void> => {
    const verdicts = await peers.verdicts(ctx, ANONYMOUS, authorsToCheck(posts, ANONYMOUS));
    await Promise.all(
      posts.map(async (post) => {
        if (maySee(post, ANONYMOUS, verdicts.get(post?.authorId ?? ''))) await attention.count(ctx, { ...what(post), post });
      }),
    );
  };
