import { entryOf, type Entry } from './entry.ts';

/** So many items pass before the same post is shown again, whoever passes it on. */
export const WINDOW = 40;
/** Who passed a post on, of one item. */
export const MOST_NAMES = 5;
/** Characters of an id that tell it from others of a page or two: 50 random bits. */
export const SHORT = 10;

/** How far a feed was read. */
export interface Position {
  /** The last entry looked at. */
  readonly at: string;
  /** What the last items shown were about, the latest last: their ids in short. */
  readonly recent: readonly string[];
}

/** What must not come again too soon: the post; a story is one, whether it comes from the seller or from the product. */
export const subjectOf = (entry: Entry): string => (entry.kind === 'STORY' ? entry.place : entry.postId).slice(-SHORT);

/**
 * Of entries in their order, of which some may be shown, those that are: what was shown within the last 40 items is left out. Each
 * comes with the position to go on after it, so that pages of any size are cut from one sequence.
 */
export const placed = <T>(
  start: Position | undefined,
  entries: readonly { readonly key: string; readonly item: T | undefined }[],
): { place: Position; item: T | undefined }[] => {
  let recent = start?.recent ?? [];
  return entries.map(({ key, item }) => {
    const subject = subjectOf(entryOf(key));
    const isShown = item !== undefined && !recent.includes(subject);
    if (isShown) recent = [...recent, subject].slice(-WINDOW);
    return { place: { at: key, recent }, item: isShown ? item : undefined };
  });
};

/** What a feed shows, by its definition: of all that the viewer may see, newest first, nothing twice within 40 items. */
export const shownOf = <T extends { readonly entry: Entry }>(visible: readonly T[]): T[] =>
  placed(
    undefined,
    visible.map((item) => ({ key: item.entry.key, item })),
  ).flatMap(({ item }) => item ?? []);

/** Entries close behind a repost by which others passed the same post on: they are merged into it, as far as the viewer may see them. */
export const passedOnToo = (repost: Entry, behind: readonly string[]): Entry[] => {
  if (repost.kind !== 'REPOST') return [];
  return behind
    .slice(0, WINDOW)
    .map(entryOf)
    .filter((entry) => entry.kind === 'REPOST' && entry.postId === repost.postId);
};

/** Who passed it on, the latest first. */
export const namesOf = (reposts: readonly Entry[]): string[] =>
  [...new Set(reposts.flatMap((entry) => (entry.kind === 'REPOST' ? [entry.sourceId] : [])))].slice(0, MOST_NAMES);
