/** What a view, a save and a sold unit are worth. */
export const POINTS = { view: 1, save: 5, unitSold: 20 } as const;

/** How much a product was wanted by one happening. */
export interface Want {
  readonly productId: string;
  readonly points: number;
}

/** The same products summed up, in chunks, by their order in the list: each delivery of a list has the same chunks. */
export const chunksOf = (wants: readonly Want[], size: number): Want[][] => {
  const sums = new Map<string, number>();
  for (const { productId, points } of wants) sums.set(productId, (sums.get(productId) ?? 0) + points);
  const merged = [...sums].map(([productId, points]) => ({ productId, points }));
  return Array.from({ length: Math.ceil(merged.length / size) }, (_, i) => merged.slice(i * size, (i + 1) * size));
};
