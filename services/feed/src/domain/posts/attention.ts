import { WINDOWS, type TrendingWindow } from '@plaza/core';

/** What a post gets by one happening, and each of its hashtags as well. */
export const POINTS = { view: 1, like: 3, reply: 5, repost: 5 } as const;

/** What a hashtag gets by a new post that has it. */
export const PUBLISHED = 5;

/** Half-lives in a window: what is as old as the window is worth a sixteenth. */
const HALVINGS = 4;
/** A view at the window's far end is worth 62.5 of them. */
const PARTS = 1000;

/**
 * What points of such an age are worth, in thousandths of a new one. A whole number for each bucket, and the same within a slot: whoever
 * adds a ranking up, in whatever order, gets the same one.
 */
export const worthOf = (points: number, ageMs: number, window: TrendingWindow): number =>
  Math.round(points * PARTS * 2 ** ((-ageMs * HALVINGS) / WINDOWS[window].lengthMs));

export const scoreOf = (worth: number): number => worth / PARTS;

/** A hashtag as rankings name it, in ASCII. */
export const tagId = (hashtag: string): string => encodeURIComponent(hashtag);

export const tagOf = (id: string): string => decodeURIComponent(id);
