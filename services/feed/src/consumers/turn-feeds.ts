import type { Handle } from '@plaza/events';
import type { ModeChunk } from '@plaza/proto/plaza/feed/v1/tasks';

import type { Deps } from './index.ts';

/** Makes feeds pull a source that has turned, or have it pushed. */
export const turnFeeds =
  ({ turning, receipts }: Pick<Deps, 'turning' | 'receipts'>): Handle<ModeChunk> =>
  async (ctx, { sourceId, viewerIds, planId, chunk }) => {
    const tally = await turning.turn(ctx, sourceId, viewerIds, planId);
    await receipts.chunkDone(ctx, planId, planId, chunk, tally);
  };
