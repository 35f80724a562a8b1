import type { Handle } from '@plaza/events';
import type { RepostRemoved } from '@plaza/proto/plaza/feed/v1/events';

import { repostKey } from '../domain/home/entry.ts';
import { windowStart } from '../domain/home/fan-out.ts';
import type { Deps } from './index.ts';

/** Who passes a post on again makes another entry: what was taken back stays so. */
export const sweepRepost =
  ({ fanOut, now }: Pick<Deps, 'fanOut' | 'now'>): Handle<RepostRemoved> =>
  async (ctx, { repostId, userId, postId }) => {
    if (repostId < windowStart(now())) return;
    await fanOut.sweep(ctx, { entry: repostKey(repostId, userId, postId), sourceId: userId, audience: 'FOLLOWERS' });
  };
