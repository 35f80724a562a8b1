import { POINTS } from '../posts/attention.ts';
import type { Look } from '../posts/look.ts';
import type { Entry } from './entry.ts';

/** So many of the newest items are ranked. */
export const RANKED = 200;
const HALF_LIFE_MS = 6 * 3_600_000;

/** An item as it is weighed: the look of its post, if it is about one. */
export interface Weighed {
  readonly entry: Entry;
  readonly look?: Look;
}

/** What the viewer thinks of a post, by what they did with it. */
const fondness = ({ mine }: Look): number =>
  (mine.likedAt === undefined ? 0 : 1) + (mine.repostedAt === undefined ? 0 : 2) + (mine.bookmarkedAt === undefined ? 0 : 2);

const attention = ({ counts }: Look): number =>
  counts.views * POINTS.view + counts.likes * POINTS.like + counts.replies * POINTS.reply + counts.reposts * POINTS.repost;

/**
 * Items by their worth: half every six hours, more for authors whose posts among these the viewer likes, passes on or keeps in mind, and
 * for posts that others do. Both grow by their logarithm alone: one famous post must not stand above all others all day. Of equals the
 * newer one comes first. `timeOf` tells when an item stands, in epoch milliseconds.
 */
export const ranked = <T extends Weighed>(items: readonly T[], now: number, timeOf: (entry: Entry) => number): T[] => {
  const fondOf = new Map<string, number>();
  for (const { look } of items) if (look) fondOf.set(look.post.authorId, (fondOf.get(look.post.authorId) ?? 0) + fondness(look));
  const worth = ({ entry, look }: T): number => {
    const recency = 2 ** (-Math.max(0, now - timeOf(entry)) / HALF_LIFE_MS);
    if (!look) return recency;
    return recency * (1 + Math.log2(1 + (fondOf.get(look.post.authorId) ?? 0))) * (1 + Math.log10(1 + attention(look)));
  };
  return items
    .map((item) => ({ item, worth: worth(item) }))
    .sort((a, b) => b.worth - a.worth || (a.item.entry.key < b.item.entry.key ? 1 : -1))
    .map(({ item }) => item);
};

/** Each subject once, the first of it: a window of 40 items says nothing of an order that is not of time. */
export const distinct = <T extends Weighed>(items: readonly T[]): T[] => {
  const seen = new Set<string>();
  return items.filter(({ entry }) => {
    const subject = entry.kind === 'STORY' ? entry.place : entry.postId;
    if (seen.has(subject)) return false;
    seen.add(subject);
    return true;
  });
};
