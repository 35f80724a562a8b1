import type { Handle } from '@plaza/events';
import type { FanOutChunk } from '@plaza/proto/plaza/feed/v1/tasks';

import type { Deps } from './index.ts';

/** Writes one entry into the feeds of one chunk of viewers, or takes it out. */
export const pushChunk =
  ({ pushing }: Pick<Deps, 'pushing'>): Handle<FanOutChunk> =>
  async (ctx, chunk) => {
    if (chunk.remove) await pushing.take(ctx, chunk);
    else await pushing.push(ctx, chunk);
  };
