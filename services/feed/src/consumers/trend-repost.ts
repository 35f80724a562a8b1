import type { Handle } from '@plaza/events';
import type { RepostCreated } from '@plaza/proto/plaza/feed/v1/events';

import { POINTS } from '../domain/posts/attention.ts';
import type { Deps } from './index.ts';

/** Once a person and post, as a like. */
export const trendRepost =
  ({ payAttention }: Pick<Deps, 'payAttention'>): Handle<RepostCreated> =>
  async (ctx, { postId, userId, repostTime }, { at }) =>
    payAttention(ctx, [postId], () => ({
      id: `repost/${postId}/${userId}`,
      at: repostTime?.getTime() ?? at,
      points: POINTS.repost,
      tagPoints: POINTS.repost,
    }));
