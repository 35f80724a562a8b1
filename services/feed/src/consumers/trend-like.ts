import type { Handle } from '@plaza/events';
import type { PostLiked } from '@plaza/proto/plaza/feed/v1/events';

import { POINTS } from '../domain/posts/attention.ts';
import type { Deps } from './index.ts';

/**
 * A like shows interest; that somebody thinks better of it later takes nothing back. It counts once a person and post for as long as
 * its mark is kept, however often it is taken back and given again.
 */
export const trendLike =
  ({ payAttention }: Pick<Deps, 'payAttention'>): Handle<PostLiked> =>
  async (ctx, { postId, userId, likeTime }, { at }) =>
    payAttention(ctx, [postId], () => ({
      id: `like/${postId}/${userId}`,
      at: likeTime?.getTime() ?? at,
      points: POINTS.like,
      tagPoints: POINTS.like,
    }));
