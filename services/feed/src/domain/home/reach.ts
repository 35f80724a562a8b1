import { placeOf } from './entry.ts';

/** Rows that a feed keeps. */
export const FEED_ROWS = 1_000;

/** What one source brings into a feed, and from where up it is all of it: '' says that the source never said more. */
export interface Reach {
  readonly entries: readonly string[];
  readonly floor: string;
}

/** Of the newest entries of a source, those in the window; `more` says whether the source has older ones than were read. */
export const reachOf = (newest: { readonly ids: readonly string[]; readonly more: boolean }, window: string): Reach => {
  const entries = newest.ids.filter((entry) => entry >= window);
  if (entries.length < newest.ids.length) return { entries, floor: window };
  return { entries, floor: newest.more ? (entries.at(-1) ?? window) : '' };
};

/** What several sources bring together: whole down to the highest of their floors, and no more rows than a feed keeps. */
export const together = (reaches: readonly Reach[]): Reach => {
  const floor = reaches.reduce((highest, reach) => (reach.floor > highest ? reach.floor : highest), '');
  const entries = [...new Set(reaches.flatMap((reach) => reach.entries))].filter((entry) => entry >= floor);
  const newest = entries.sort().reverse().slice(0, FEED_ROWS);
  return { entries: newest, floor: newest.length < entries.length ? placeOf(newest.at(-1)!) : floor };
};
