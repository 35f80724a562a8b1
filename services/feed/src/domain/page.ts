/** A stretch of a timeline: ids in descending order; `more` says whether older ones may exist. */
export interface Stretch {
  readonly ids: readonly string[];
  readonly more: boolean;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page goes on: the last id looked at. Absent at the true end. */
  readonly before?: string;
  readonly rounds: number;
}

/** After so many rounds the page goes out short, with a token: one reader's hidden rows must not cost without end. */
export const MAX_ROUNDS = 10;

/**
 * Fills a page of at most `size` items from a timeline of which some ids are not for the reader. `read` gives the next ids
 * below a position; `judge` gives an item for each id that may be shown, undefined for the others, aligned with the ids.
 */
export const fillPage = async <T>(
  size: number,
  start: string | undefined,
  read: (before: string | undefined, limit: number) => Promise<Stretch>,
  judge: (ids: readonly string[]) => Promise<readonly (T | undefined)[]>,
): Promise<Page<T>> => {
  const items: T[] = [];
  let before = start;
  for (let rounds = 1; ; rounds++) {
    const stretch = await read(before, size);
    const shown = stretch.ids.length === 0 ? [] : await judge(stretch.ids);
    for (const [i, id] of stretch.ids.entries()) {
      // The page is full and this row has not been looked at: it opens the next page.
      if (items.length === size) return { items, rounds, ...at(before) };
      before = id;
      const item = shown[i];
      if (item !== undefined) items.push(item);
    }
    if (!stretch.more) return { items, rounds };
    if (items.length === size || rounds === MAX_ROUNDS) return { items, rounds, ...at(before) };
  }
};

const at = (before: string | undefined) => (before === undefined ? {} : { before });
