import { createEntityCache, type Redis } from '@plaza/cache';
import type { Clock, Context } from '@plaza/core';

import { candidatesOf, chooseFriends, type Candidate } from '../domain/suggestion.ts';
import type { ListStore } from './list-store.ts';

const DAY_MS = 86_400_000;
const KEPT_MS = 600_000;

/** Of whom a user follows, the newest; friends are chosen among them. */
const NEWEST = 500;
/** Of each friend's follows, the newest. */
const FOLLOWS = 40;
/** With all their friends these are the 200 people whom one check takes. */
const CANDIDATES = 150;

export type SuggestionStore = ReturnType<typeof createSuggestionStore>;

/** The dear part of suggestions, kept for ten minutes: at most 51 reads and 2,500 rows, whatever the degrees. */
export const createSuggestionStore = (options: { lists: ListStore; redis: Redis; namespace: string; now: Clock }) => {
  const { redis, namespace, now } = options;
  const load = createCandidateReader(options);
  const cache = createEntityCache<Found>({
    redis,
    namespace,
    name: 'suggestions',
    ttlMs: KEPT_MS,
    versionOf: ({ version }) => version,
  });
  return {
    async candidates(ctx: Context, userId: string): Promise<readonly Candidate[]> {
      const found = await cache.get(ctx, userId, async () => {
        const candidates = await load(ctx, userId);
        // Who begins to follow should not wait ten minutes: that there is nothing is believed for a shorter time.
        return candidates.length === 0 ? undefined : { version: now(), candidates };
      });
      return found?.candidates ?? [];
    },
  };
};

interface Found {
  /** When it was found: a later find replaces an earlier one. */
  readonly version: number;
  readonly candidates: readonly Candidate[];
}

export const createCandidateReader =
  ({ lists, now }: { lists: ListStore; now: Clock }) =>
  async (ctx: Context, userId: string): Promise<Candidate[]> => {
    const { rows } = await lists.newest(ctx, 'FT', userId, { size: NEWEST, after: undefined });
    const friends = chooseFriends(rows, userId, Math.floor(now() / DAY_MS));
    const follows = await Promise.all(
      friends.map(async (friend) => {
        const { rows: followees } = await lists.newest(ctx, 'FT', friend.userId, { size: FOLLOWS, after: undefined });
        return [friend.userId, followees] as const;
      }),
    );
    const known = new Set([userId, ...rows.map((row) => row.userId)]);
    return candidatesOf(new Map(follows), known, now(), CANDIDATES);
  };
