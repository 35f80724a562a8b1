/** One row of a list: where it stands, and what may be shown of it, if anything. */
export interface Entry<T, P = string> {
  readonly place: P;
  readonly item: T | undefined;
}

/** Rows of a list from after a place, and whether the list ends with them. */
export interface Stretch<T, P = string> {
  readonly entries: readonly Entry<T, P>[];
  readonly end: boolean;
}

/** What may be shown, and the place to go on after; absent at the end. */
export interface Page<T, P = string> {
  readonly items: readonly T[];
  readonly next: P | undefined;
  /** Reads that it took. */
  readonly rounds: number;
}

/** After so many reads the page goes out short, with a token: many rows that are left out must not cost without end. */
export const MAX_ROUNDS = 5;

/** Fills a page of `size` from a list of which some rows are left out. */
export const fillPage = async <T, P = string>(
  size: number,
  start: NoInfer<P> | undefined,
  read: (after: P | undefined) => Promise<Stretch<T, P>>,
  maxRounds = MAX_ROUNDS,
): Promise<Page<T, P>> => {
  const items: T[] = [];
  let after = start;
  for (let rounds = 1; ; rounds++) {
    const { entries, end } = await read(after);
    for (const [i, { place, item }] of entries.entries()) {
      after = place;
      if (item !== undefined) items.push(item);
      if (items.length === size) return { items, next: end && i === entries.length - 1 ? undefined : after, rounds };
    }
    if (end) return { items, next: undefined, rounds };
    if (rounds === maxRounds) return { items, next: after, rounds };
  }
};
