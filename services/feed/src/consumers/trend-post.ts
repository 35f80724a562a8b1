import type { Handle } from '@plaza/events';
import type { PostCreated } from '@plaza/proto/plaza/feed/v1/events';

import { POINTS, PUBLISHED } from '../domain/posts/attention.ts';
import type { Deps } from './index.ts';

/** A post brings its hashtags forward, and an answer that others may see the post that it answers. */
export const trendPost =
  ({ payAttention }: Pick<Deps, 'payAttention'>): Handle<PostCreated> =>
  async (ctx, { postId, isPrivate, replyToPostId, createTime }, meta) => {
    if (isPrivate) return;
    const at = createTime?.getTime() ?? meta.at;
    await payAttention(ctx, [postId, ...(replyToPostId === '' ? [] : [replyToPostId])], (of) =>
      of.postId === postId
        ? { id: `post/${postId}`, at, points: 0, tagPoints: PUBLISHED }
        : { id: `reply/${postId}`, at, points: POINTS.reply, tagPoints: POINTS.reply },
    );
  };
