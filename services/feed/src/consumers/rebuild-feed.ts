import { crashPoint } from '@plaza/core';
import type { Handle } from '@plaza/events';
import type { FeedRebuild } from '@plaza/proto/plaza/feed/v1/tasks';

import type { Deps } from './index.ts';

/**
 * Puts a feed together that woke up, and cuts one that has grown too long. Its pages were right before; from here on they are read from
 * its rows.
 */
export const rebuildFeed =
  ({ backfill, trim, sourcesOf }: Pick<Deps, 'backfill' | 'trim' | 'sourcesOf'>): Handle<FeedRebuild> =>
  async (ctx, { viewerId, epoch }) => {
    await backfill.rebuild(ctx, viewerId, Number(epoch), () => sourcesOf(ctx, viewerId));
    crashPoint('feed.after-rebuild');
    await trim(ctx, viewerId);
  };
