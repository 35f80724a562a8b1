/** How many products are listed in a category. A type alias, not an interface: only aliases may be cached as values. */
export type CategoryCount = { readonly category: string; readonly count: number };

/** Counts of one part, by category, and whether it ends with them. */
export interface PartCounts {
  readonly counts: readonly CategoryCount[];
  readonly end: boolean;
}

/**
 * The sums of all parts, by category, up to where all parts were read. A part that goes on may hold any category behind its last
 * one, so that nothing is told of those yet.
 */
export const summed = (parts: readonly PartCounts[]): PartCounts => {
  const lasts = parts.flatMap(({ counts, end }) => (end ? [] : [counts.at(-1)?.category ?? '']));
  const limit = lasts.length === 0 ? undefined : lasts.reduce((least, last) => (last < least ? last : least));
  const sums = new Map<string, number>();
  for (const { category, count } of parts.flatMap(({ counts }) => counts))
    if (limit === undefined || category <= limit) sums.set(category, (sums.get(category) ?? 0) + count);
  const counts = [...sums].map(([category, count]) => ({ category, count }));
  return { counts: counts.toSorted((a, b) => (a.category < b.category ? -1 : 1)), end: limit === undefined };
};
