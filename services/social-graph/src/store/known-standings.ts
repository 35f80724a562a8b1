import { LRUCache } from '@plaza/cache';
import type { Context, Metrics } from '@plaza/core';

import type { Standing } from '../domain/tie.ts';
import type { Head } from './rounds.ts';
import type { StandingStore } from './standing-store.ts';

/** About 30 MB. */
const MOST = 200_000;

export type KnownStandings = ReturnType<typeof createKnownStandings>;

/**
 * How people stand, as of the number of changes that was last heard. Who is told of in the changes since is forgotten, and everybody
 * is when there were more of them than the row tells of.
 */
export const createKnownStandings = (deps: { standings: Pick<StandingStore, 'of'>; metrics: Metrics; most?: number }) => {
  const { standings, metrics, most = MOST } = deps;
  const known = new LRUCache<string, Standing>({ max: most });
  const requests = metrics.counter('graph_standings_total', 'Standings asked for, by where they were found', ['found']);
  let seq: number | undefined;

  return {
    hear(head: Head): void {
      const missed = seq === undefined ? 0 : head.seq - seq;
      if (missed < 0 || missed > head.recent.length) known.clear();
      else if (missed > 0) for (const userId of head.recent.slice(-missed)) known.delete(userId);
      seq = head.seq;
    },

    /** As they are at some moment after `head` was read. */
    async of(ctx: Context, userIds: readonly string[], head: Head): Promise<Map<string, Standing>> {
      const found = new Map<string, Standing>();
      const missing: string[] = [];
      for (const userId of userIds) {
        const standing = known.get(userId);
        if (standing) found.set(userId, standing);
        else missing.push(userId);
      }
      requests.add({ found: 'memory' }, found.size);
      if (missing.length === 0) return found;
      requests.add({ found: 'table' }, missing.length);
      for (const [userId, standing] of await standings.of(ctx, missing)) {
        found.set(userId, standing);
        // A change that was heard meanwhile may be of this person, and may have come after the read.
        if (seq === head.seq) known.set(userId, standing);
      }
      return found;
    },
  };
};
