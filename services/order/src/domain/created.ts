import { firstIdAt, LAST_ID_TIME, lastIdAt } from '@plaza/core';

import { rangeEmpty } from './errors.ts';

/** The least and the greatest id that a list may show. */
export type IdRange = readonly [string, string];

/**
 * Ids carry the time of creation to the millisecond, so that the orders from `after` on and before `before` are a range of ids.
 * Throws INVALID_FIELD when no time lies between.
 */
export const createdBetween = (after: Date | undefined, before: Date | undefined): IdRange => {
  const from = Math.max(0, after?.getTime() ?? 0);
  const until = Math.min(LAST_ID_TIME, before ? before.getTime() - 1 : LAST_ID_TIME);
  if (until < from) throw rangeEmpty();
  return [firstIdAt(from), lastIdAt(until)];
};
