/** What is looked at when one asks what is liked most now. */
export type TrendingWindow = 'HOUR' | 'DAY' | 'WEEK';

interface Span {
  readonly lengthMs: number;
  /** Points are kept by spans of this length: a window reaches back to where one begins, so it may be shorter by so much. */
  readonly grainMs: number;
  /** For so long all see the same ranking; a whole number of them makes a grain. */
  readonly slotMs: number;
}

const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000];

export const WINDOWS: Readonly<Record<TrendingWindow, Span>> = {
  HOUR: { lengthMs: HOUR, grainMs: 5 * MINUTE, slotMs: 30 * SECOND },
  DAY: { lengthMs: 24 * HOUR, grainMs: HOUR, slotMs: 2 * MINUTE },
  WEEK: { lengthMs: 7 * 24 * HOUR, grainMs: 6 * HOUR, slotMs: 10 * MINUTE },
};

export const TRENDING_WINDOWS = Object.keys(WINDOWS) as TrendingWindow[];

/** A token goes on through its slot's ranking for so long; then the list begins anew. */
const PAGING_MS = HOUR;
/** For what comes late, and for clocks that differ. */
const SPARE_MS = HOUR;

/** Begin of the bucket in which a happening of this time is counted. */
export const bucketAt = (window: TrendingWindow, at: number): number => floor(at, WINDOWS[window].grainMs);

/** Begin of the slot whose ranking is shown at this time. */
export const slotAt = (window: TrendingWindow, now: number): number => floor(now, WINDOWS[window].slotMs);

/** The buckets that make up a slot's ranking, by their begins: the one that is being filled, and back to the window's length, no further. */
export const bucketsOf = (window: TrendingWindow, slot: number): number[] => {
  const { lengthMs, grainMs } = WINDOWS[window];
  const first = Math.ceil((slot - lengthMs) / grainMs) * grainMs;
  return Array.from({ length: Math.floor((slot - first) / grainMs) + 1 }, (_, i) => first + i * grainMs);
};

/** When nobody needs a bucket any more: the last ranking that holds it cannot be paged through. */
export const bucketOverAt = (window: TrendingWindow, bucket: number): number =>
  bucket + WINDOWS[window].lengthMs + PAGING_MS + SPARE_MS;

/** Where a page of a ranking ends: the last that was looked at, and how it stood then. */
export type RankedPlace = {
  readonly slot: number;
  readonly rank: number;
  readonly score: number;
  readonly id: string;
};

/** The slot to read and the place to go on after. A place from long ago begins anew: its buckets may be gone. */
export const goOn = (window: TrendingWindow, place: RankedPlace | undefined, now: number) =>
  place === undefined || place.slot + PAGING_MS < now
    ? { slot: slotAt(window, now), after: undefined }
    : { slot: place.slot, after: place };

/**
 * Whether something stands below a place, so that no page has shown it. Mostly the rank says so by itself. But a ranking that was
 * lost is added up anew, with what came since: then some have moved up, none down, and one that stood above the place may be at
 * any rank, but not below the place's score.
 */
export const isBelow = ({ score, id }: { score: number; id: string }, place: RankedPlace | undefined): boolean =>
  place === undefined || score < place.score || (score === place.score && id < place.id);

/** Where to go on after looking at one: by its rank, but never above what the pages have come to. */
export const passed = (place: RankedPlace, before: RankedPlace | undefined): RankedPlace =>
  before === undefined || isBelow(place, before) ? place : { ...before, rank: place.rank };

const floor = (at: number, step: number): number => Math.floor(at / step) * step;
