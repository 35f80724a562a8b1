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
    encode: (found) => Buffer.from(JSON.stringify(packed(found))),
    decode: (bytes) => unpacked(JSON.parse(Buffer.from(bytes).toString()) as Packed),
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

/** Friends stand once, and candidates name their places: an entry is a third as large, and there is one a user who looks around. */
interface Packed {
  readonly version: number;
  readonly friends: readonly string[];
  readonly candidates: readonly (readonly [userId: string, by: readonly (readonly [friend: number, at: number])[]])[];
}

const packed = ({ version, candidates }: Found): Packed => {
  const friends = [...new Set(candidates.flatMap(({ by }) => by.map(({ friendId }) => friendId)))];
  const places = new Map(friends.map((id, i) => [id, i]));
  return {
    version,
    friends,
    candidates: candidates.map(({ userId, by }) => [userId, by.map(({ friendId, at }) => [places.get(friendId)!, at])]),
  };
};

const unpacked = ({ version, friends, candidates }: Packed): Found => ({
  version,
  candidates: candidates.map(([userId, by]) => ({ userId, by: by.map(([friend, at]) => ({ friendId: friends[friend]!, at })) })),
});

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
