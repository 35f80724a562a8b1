import type { Listed } from './list.ts';

/** A follow of somebody whom the user follows. */
export interface Recommendation {
  readonly friendId: string;
  /** When that follow began, epoch milliseconds. */
  readonly at: number;
}

/** Somebody who may be suggested, and why. */
export interface Candidate {
  readonly userId: string;
  readonly by: readonly Recommendation[];
}

export interface Suggestion {
  readonly userId: string;
  /** The latest first, at most 3. */
  readonly followedBy: readonly string[];
  readonly followedByCount: number;
}

/** Friends of whom the follows are read: of the latest, and of the rest by chance, so that old friends have a say too. */
const LATEST = 25;
const BY_CHANCE = 25;

const HALF_LIFE_MS = 30 * 86_400_000;
const NAMED = 3;

/** Whose follows are looked at, of the newest whom a user follows: the same all day, so that suggestions do not jump about. */
export const chooseFriends = (newest: readonly Listed[], userId: string, day: number): Listed[] => {
  const random = seeded(`${userId}#${day}`);
  const rest = newest.slice(LATEST).map((friend) => ({ friend, drawn: random() }));
  const drawn = rest.toSorted((a, b) => a.drawn - b.drawn).slice(0, BY_CHANCE);
  return [...newest.slice(0, LATEST), ...drawn.map(({ friend }) => friend)];
};

/** Whom these friends follow, each once, the best first; what the user follows anyway is left out. */
export const candidatesOf = (
  follows: ReadonlyMap<string, readonly Listed[]>,
  without: ReadonlySet<string>,
  now: number,
  most: number,
): Candidate[] => {
  const by = new Map<string, Recommendation[]>();
  for (const [friendId, followees] of follows)
    for (const { userId, at } of followees) {
      if (without.has(userId)) continue;
      const recommendations = by.get(userId);
      if (recommendations) recommendations.push({ friendId, at });
      else by.set(userId, [{ friendId, at }]);
    }
  const candidates = [...by].map(([userId, recommendations]) => ({ userId, by: recommendations }));
  return ranked(candidates, now).slice(0, most);
};

/** Who may be suggested by friends who may be named, the best first. */
export const suggestionsOf = (
  candidates: readonly Candidate[],
  now: number,
  may: { suggest: (userId: string) => boolean; name: (userId: string) => boolean },
): Suggestion[] => {
  const left = candidates.flatMap(({ userId, by }) => {
    const named = may.suggest(userId) ? by.filter(({ friendId }) => may.name(friendId)) : [];
    return named.length > 0 ? [{ userId, by: named }] : [];
  });
  return ranked(left, now).map(({ userId, by }) => ({
    userId,
    followedBy: by
      .toSorted((a, b) => b.at - a.at)
      .slice(0, NAMED)
      .map(({ friendId }) => friendId),
    followedByCount: by.length,
  }));
};

/** By how many friends follow them and how lately: one who was followed just now counts for two who were long ago. */
const ranked = (candidates: readonly Candidate[], now: number): Candidate[] => {
  const weight = (age: number) => 1 + 0.5 ** (Math.max(0, age) / HALF_LIFE_MS);
  const scored = candidates.map((candidate) => ({
    candidate,
    score: candidate.by.reduce((sum, { at }) => sum + weight(now - at), 0),
  }));
  // Among equals the id decides, so that the order is the same each time.
  return scored
    .toSorted((a, b) => b.score - a.score || (a.candidate.userId < b.candidate.userId ? -1 : 1))
    .map(({ candidate }) => candidate);
};

/** FNV-1a into xorshift: chance that is the same for the same text. */
const seeded = (text: string): (() => number) => {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
};
