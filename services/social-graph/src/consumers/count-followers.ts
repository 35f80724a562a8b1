import type { On } from '@plaza/events';

import type { Deps } from './index.ts';

/** Of one famous followee all events write one row: more at a time would mostly run into each other. */
const CONCURRENCY = 4;

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
