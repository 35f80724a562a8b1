import type { On } from '@plaza/events';

import type { CountMove } from '../store/posts/count-store.ts';
import type { Deps } from './index.ts';

/** What is handled at a time is counted in one transaction. */
const CONCURRENCY = 64;

/** Each event moves the counts of the post that it is about, exactly once; undefined: it moves nothing. */
export const countPosts = <T>({ counts }: Deps, durable: string, moveOf: (event: T) => CountMove | undefined): On<T> => ({
  durable,
  concurrency: CONCURRENCY,
  handle: async (ctx, event, { id }) => {
    const move = moveOf(event);
    if (move) await counts.apply(ctx, { durable, eventId: id, adds: [move] });
  },
});
