import type { EntityCache } from '@plaza/cache';
import type { Context } from '@plaza/core';
import type { Db, SortRange } from '@plaza/dynamo';

import type { Entry } from '../domain/projection.ts';
import { candidatesOf, longestOf, matchesOf, type Candidates, type Place, type Window } from '../domain/search.ts';
import { isSingle } from '../domain/words.ts';
import { products, wordParts, wordPartition } from './table.ts';

/** Rows that are read and ranked in one go. */
const WINDOW = 250;
/** Of several words each is tried with so many rows: one that has no more of them is the best driver there is. */
const PROBE = 25;

/** Rows of a word's list, and whether they go on behind the last. */
interface Stretch {
  readonly rows: readonly Row[];
  readonly more: boolean;
}

interface Row extends Entry {
  readonly sk: string;
}

export type SearchStore = ReturnType<typeof createSearchStore>;

/**
 * The index by words. Only proposes: it follows the products, and what it holds may be a moment old. Many people ask for the same
 * and leaf through it, so that windows are cached for seconds.
 */
export const createSearchStore = (options: { db: Db; windows: EntityCache<Window>; window?: number; probe?: number }) => {
  const { db, windows, window: size = WINDOW, probe = PROBE } = options;

  const read = async (ctx: Context, word: string, { start, end, limit }: Part): Promise<Stretch> => {
    const pk = wordPartition(word);
    const after = start === undefined ? undefined : { pk, sk: start };
    // What is found may be as old as the index is late, so that it may also be read so.
    const query = { pk, sk: rangeOf(word, end), limit: limit + 1, after, consistent: false };
    const { items } = await db.query(ctx, products, query);
    const rows = items
      .slice(0, limit)
      .map(({ sk, name, more }) => ({ sk, ...wordParts(sk), name: name as string, more: more as string }));
    return { rows, more: items.length > limit };
  };

  const windowOf = (query: readonly string[], place: Place, { rows, more }: Stretch): Window => ({
    place: { driver: place.driver, start: place.start, end: more ? rows.at(-1)!.sk : place.end },
    matches: matchesOf(rows, query, query[place.driver]!),
  });

  /** The first window of a search, and with it its driver. */
  const begin = async (ctx: Context, query: readonly string[]): Promise<Window> => {
    const driver = longestOf(query);
    if (query.length === 1) return open(ctx, query, { driver });
    const probes = await Promise.all(query.map((word) => read(ctx, word, { limit: probe })));
    const short = probes.findIndex(({ more }) => !more);
    if (short >= 0) return windowOf(query, { driver: short }, probes[short]!);
    const { rows } = probes[driver]!;
    const rest = await read(ctx, query[driver]!, { start: rows.at(-1)!.sk, limit: size - probe });
    return windowOf(query, { driver }, { rows: [...rows, ...rest.rows], more: rest.more });
  };

  const open = async (ctx: Context, query: readonly string[], place: Place): Promise<Window> => {
    // A window that was read before is read whole, also if it has grown; it takes more than a whole window of new rows to move its
    // end, behind which something could then show again.
    const limit = place.after === undefined ? size : 2 * size;
    return windowOf(query, place, await read(ctx, query[place.driver]!, { start: place.start, end: place.end, limit }));
  };

  return {
    /** Reads the results of a search from a place on, for one call: a window that it is still in is not read again. */
    reader: (query: readonly string[]) => {
      let window: Window | undefined;
      return async (ctx: Context, place: Place | undefined, count: number): Promise<Candidates> => {
        if (window === undefined || place?.start !== window.place.start) {
          const load = () => (place === undefined ? begin(ctx, query) : open(ctx, query, place));
          window = (await windows.get(ctx, idOf(query, place), load))!;
        }
        return candidatesOf(window, place?.after, count);
      };
    },
  };
};

/** What a window is made of: whoever is further on in it sees the same one. */
const idOf = (query: readonly string[], place: Place | undefined): string =>
  JSON.stringify(place === undefined ? query : [query, place.driver, place.start, place.end, place.after !== undefined]);

interface Part {
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly limit: number;
}

/** Sorts behind all letters. */
const LAST = '\u{10ffff}';

/**
 * All words that begin with this one, up to a row; of a single character it alone. As a range, because DynamoDB Local looks through
 * the whole partition for `begins_with`.
 */
const rangeOf = (word: string, end: string | undefined): SortRange => {
  const first = isSingle(word) ? `${word} ` : word;
  return { between: [first, end ?? first + LAST] };
};
