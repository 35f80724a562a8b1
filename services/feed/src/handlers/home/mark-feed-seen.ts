import { idTime, invalidField } from '@plaza/core';

import { isEntry, placeOf } from '../../domain/home/entry.ts';
import type { Deps, FeedHandlers } from '../index.ts';

/** Clocks of replicas, which give the ids, differ by less. */
const SKEW_MS = 60_000;

/** An item of the future would hide all that comes until then. */
export const markFeedSeen =
  ({ states, now }: Deps): FeedHandlers['markFeedSeen'] =>
  async (ctx, { viewerId, itemId }) => {
    if (!isEntry(itemId) || idTime(placeOf(itemId)) > now() + SKEW_MS)
      throw invalidField('item_id', 'must be the item_id of an item of the feed');
    await states.markSeen(ctx, viewerId, itemId);
    return {};
  };
