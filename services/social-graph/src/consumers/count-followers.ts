import type { On } from '@plaza/events';

import type { Deps } from './index.ts';

/** What is handled at a time is counted in one transaction. */
const CONCURRENCY = 64;

/** Each event moves the followers of its followees by `by`, exactly once. */
export const countFollowers = <T>(
  { counts }: Deps,
  durable: string,
  by: 1 | -1,
  followeesOf: (event: T) => readonly string[],
): On<T> => ({
  durable,
  concurrency: CONCURRENCY,
  handle: (ctx, event, { id }) => counts.apply(ctx, { durable, eventId: id, followeeIds: followeesOf(event), by }),
});
