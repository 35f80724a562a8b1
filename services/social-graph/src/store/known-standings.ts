import { LRUCache } from '@plaza/cache';
import type { Metrics } from '@plaza/core';

import type { Standing } from '../domain/tie.ts';
import { standingsFound } from '../metrics.ts';
import type { Head } from './rounds.ts';

/** About 15 MB. */
const MOST = 100_000;

/** What was read of the table after it had shown this number of changes. */
export interface Read {
  readonly seq: number;
  readonly standings: ReadonlyMap<string, Standing>;
}

export const NOTHING_READ: Read = { seq: 0, standings: new Map() };

export type KnownStandings = ReturnType<typeof createKnownStandings>;

/**
 * How people stand, as of the number of changes that was last heard. Who is told of in the changes since is forgotten, and everybody
 * is when there were more of them than the head tells of.
 */
export const createKnownStandings = ({ metrics, most = MOST }: { metrics: Metrics; most?: number | undefined }) => {
  const known = new LRUCache<string, Standing>({ max: most });
  const requests = metrics.counter(standingsFound);
  let head: Head = { seq: 0, recent: [] };

  return {
    hear(next: Head): void {
      const moved = movedSince(head.seq, next);
      if (moved) for (const userId of moved) known.delete(userId);
      else known.clear();
      head = next;
    },

    /**
     * As of what was last heard. What was read before that counts, and is kept, if nobody's standing that was read has moved since:
     * then it is of then as well as of now. Who is not in the answer must be read.
     */
    of(userIds: readonly string[], read: Read): Map<string, Standing> {
      const moved = movedSince(read.seq, head);
      const found = new Map<string, Standing>();
      for (const userId of userIds) {
        const standing = known.get(userId) ?? stillSo(read.standings.get(userId), userId, moved);
        if (!standing) continue;
        found.set(userId, standing);
        if (read.standings.has(userId)) known.set(userId, standing);
      }
      requests.add({ found: 'memory' }, found.size);
      requests.add({ found: 'table' }, userIds.length - found.size);
      return found;
    },
  };
};

const stillSo = (standing: Standing | undefined, userId: string, moved: readonly string[] | undefined): Standing | undefined =>
  moved?.includes(userId) === false ? standing : undefined;

/** Whose standing has moved since `seq`; undefined: nobody can tell. */
const movedSince = (seq: number, head: Head): readonly string[] | undefined => {
  const missed = head.seq - seq;
  if (missed < 0 || missed > head.recent.length) return undefined;
  return head.recent.slice(head.recent.length - missed);
};
