/** A stretch of a list as it may be shown, and where to go on; absent at the end. */
export interface Stretch<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** After so many reads the page goes out short, with a token: the many rows of one who is hidden must not cost without end. */
export const MAX_ROUNDS = 5;

/** Fills a page of `size` from a list of which some rows are left out. `read` gives at most `size` items from after a place. */
export const fillPage = async <T>(
  size: number,
  start: string | undefined,
  read: (place: { size: number; after: string | undefined }) => Promise<Stretch<T>>,
): Promise<Stretch<T>> => {
  const items: T[] = [];
  let after = start;
  for (let rounds = 1; ; rounds++) {
    const stretch = await read({ size: size - items.length, after });
    items.push(...stretch.items);
    after = stretch.next;
    if (after === undefined || items.length === size || rounds === MAX_ROUNDS) return { items, next: after };
  }
};
