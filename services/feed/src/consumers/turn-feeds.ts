import { crashPoint } from '@plaza/core';
import type { Handle } from '@plaza/events';
import type { ModeChunk } from '@plaza/proto/plaza/feed/v1/tasks';

import type { Deps } from './index.ts';

/** Makes feeds pull a source, or have it pushed, whichever is so by now. */
export const turnFeeds =
  ({ turning, receipts }: Pick<Deps, 'turning' | 'receipts'>): Handle<ModeChunk> =>
  async (ctx, { sourceId, viewerIds, planId, chunk }) => {
    const tally = await turning.turn(ctx, sourceId, viewerIds);
    crashPoint('feed.after-turn');
    await receipts.chunkDone(ctx, planId, planId, chunk, tally);
  };
