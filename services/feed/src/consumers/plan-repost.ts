import type { Handle } from '@plaza/events';
import type { RepostCreated } from '@plaza/proto/plaza/feed/v1/events';

import { repostKey } from '../domain/home/entry.ts';
import { createPlanEntry } from '../plan-entry.ts';
import type { Deps } from './index.ts';

/** Brings a repost into the feeds of who follows its maker, who knows what they passed on. */
export const planRepost = (deps: Pick<Deps, 'truths' | 'receipts' | 'fanOut' | 'now'>): Handle<RepostCreated> => {
  const planEntry = createPlanEntry(deps);
  return (ctx, { repostId, userId, postId }, meta) =>
    planEntry(ctx, { entry: repostKey(repostId, userId, postId), sourceId: userId, audience: 'FOLLOWERS' }, meta);
};
