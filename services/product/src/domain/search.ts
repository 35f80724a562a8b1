import type { Entry } from './projection.ts';
import { finds, isSingle, type Words } from './words.ts';

/** A product that has all words of a query; the order of the three is the order of the results, each from high to low. */
export interface Match {
  readonly score: number;
  readonly step: number;
  readonly productId: string;
}

/**
 * A place in the results. A search goes along the list of one word of the query, the driver, and takes of each row what the other
 * words leave. It does so window by window, and ranks within the window: so no call costs more than a few windows, however many
 * products a word names. A window ends with a row, not after a number of rows: what joins or leaves it between two pages pushes
 * nothing that stays over its border, where it would be shown twice or never.
 */
export interface Place {
  /** Which word of the query is the driver. */
  readonly driver: number;
  /** The row before the window, absent at the beginning of the list. */
  readonly start?: string | undefined;
  /** The last row of the window, absent if the list ends in it; or if it was not read yet, without `after`. */
  readonly end?: string | undefined;
  /** What was seen last of this window. */
  readonly after?: Match | undefined;
}

/** A ranked window. A type alias, not an interface: only aliases may be cached as values. */
export type Window = {
  readonly place: Place;
  readonly matches: readonly Match[];
};

/** What comes next in a window: products to look at, each with the place to go on after it, and whether the results end there. */
export interface Candidates {
  readonly candidates: readonly { readonly productId: string | undefined; readonly place: Place }[];
  readonly end: boolean;
}

/** At most `size`. The last of a window goes on with the next one; a window without matches is one candidate that is nothing. */
export const candidatesOf = ({ place, matches }: Window, after: Match | undefined, size: number): Candidates => {
  const rest = matches.filter((match) => after === undefined || compareMatches(match, after) > 0);
  const candidates = rest.slice(0, size).map((match) => ({ productId: match.productId, place: { ...place, after: match } }));
  if (rest.length > size) return { candidates, end: false };
  if (place.end === undefined) return { candidates, end: true };
  const next: Place = { driver: place.driver, start: place.end };
  const last = candidates.pop();
  return { candidates: [...candidates, { productId: last?.productId, place: next }], end: false };
};

/** The longest word names the fewest products, as a rule. */
export const longestOf = (query: readonly string[]): number =>
  query.reduce((longest, word, i) => (word.length > query[longest]!.length ? i : longest), 0);

/**
 * The matches among rows of the driver's list, best first. A product stands there once for each of its words that the driver
 * finds: it is taken at the first of them only, whichever window the others are in.
 */
export const matchesOf = (rows: readonly Entry[], query: readonly string[], driver: string): Match[] =>
  rows
    .flatMap((row) => {
      const score = scoreOf(row, query);
      if (score === undefined || !isFirst(row, driver)) return [];
      return [{ score, step: row.step, productId: row.productId }];
    })
    .toSorted(compareMatches);

export const compareMatches = (a: Match, b: Match): number => {
  if (a.productId === b.productId) return 0;
  return b.score - a.score || b.step - a.step || (a.productId > b.productId ? -1 : 1);
};

/** Of each word of the query: 3 for a word of the name, 2 if it only begins one, 1 and 0 elsewhere. Undefined: one finds nothing. */
export const scoreOf = ({ name, more }: Words, query: readonly string[]): number | undefined => {
  let score = 0;
  for (const word of query) {
    if (has(name, word)) score += 3;
    else if (!isSingle(word) && hasPrefix(name, word)) score += 2;
    else if (has(more, word)) score += 1;
    else if (isSingle(word) || !hasPrefix(more, word)) return undefined;
  }
  return score;
};

const has = (words: string, word: string): boolean => ` ${words} `.includes(` ${word} `);
const hasPrefix = (words: string, word: string): boolean => ` ${words}`.includes(` ${word}`);

/** No word sorts before the driver itself. */
const isFirst = ({ word, name, more }: Entry, driver: string): boolean =>
  word === driver || `${name} ${more}`.split(' ').every((other) => other >= word || !finds(driver, other));
