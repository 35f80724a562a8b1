import type { Clock, Context } from '@plaza/core';

import { takesRows } from '../../domain/home/feed-state.ts';
import type { FeedStateStore } from './feed-state-store.ts';

const REMEMBERED_MS = 600_000;
const MOST_REMEMBERED = 100_000;
const DAY_MS = 24 * 3_600_000;

/** Those of the viewers whose feeds take rows; who read today comes first. */
export type Awake = (ctx: Context, viewerIds: readonly string[]) => Promise<string[]>;

/**
 * Remembers for a while that a feed is awake: believed too long, it gets rows that nobody needs. That a feed sleeps is asked each time:
 * it may wake at any moment, and what is published from then on has to be pushed.
 */
export const createAwake = ({ states, now }: { states: Pick<FeedStateStore, 'getMany'>; now: Clock }): Awake => {
  const remembered = new Map<string, { readonly until: number; readonly readAt: number }>();

  return async (ctx, viewerIds) => {
    const at = now();
    if (remembered.size > MOST_REMEMBERED) remembered.clear();
    const unknown = viewerIds.filter((id) => (remembered.get(id)?.until ?? 0) <= at);
    for (const id of unknown) remembered.delete(id);
    for (const [i, state] of (await states.getMany(ctx, unknown)).entries())
      if (takesRows(state, at)) remembered.set(unknown[i]!, { until: at + REMEMBERED_MS, readAt: state.readAt });
    const awake = viewerIds.filter((id) => remembered.has(id));
    const isOfToday = (id: string) => at - remembered.get(id)!.readAt < DAY_MS;
    return [...awake.filter(isOfToday), ...awake.filter((id) => !isOfToday(id))];
  };
};
