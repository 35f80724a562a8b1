import { entryOf } from '../domain/home/entry.ts';
import { SHORT, subjectOf, WINDOW } from '../domain/home/merge.ts';
import { cursorAt, cursorNow, fresh, fromText, horizonOf, told, toText, type Cursor } from './cursor.ts';

/** How far a feed has been told to one stream. Pure, so that a token can hold it. */
export interface Position {
  readonly cursor: Cursor;
  /** What the last items were about, the latest last, in short. */
  readonly recent: readonly string[];
}

export type PositionText = readonly [since: string, seen: string, recent: string];

/** From now on; `keys` are those that are there, at least of the last ten minutes. */
export const startAt = (now: number, keys: readonly string[]): Position => ({ cursor: cursorNow(now, keys), recent: [] });

/** Behind the first page of a feed. What stands below the page is told by the next page, or was before; `more`: there is something. */
export const resumeAfter = (page: {
  readonly shown: readonly string[];
  readonly more: boolean;
  readonly now: number;
}): Position => {
  const { shown, more, now } = page;
  const last = shown.toSorted()[0];
  const horizon = horizonOf(now);
  const since = more && last !== undefined && last > horizon ? last : horizon;
  return {
    cursor: cursorAt(since, shown),
    recent: shown
      .map((key) => subjectOf(entryOf(key)))
      .slice(0, WINDOW)
      .toReversed(),
  };
};

/** Which of the keys have not been told, the oldest first: so that none is passed over when the stream ends in between. */
export const newsIn = ({ cursor }: Position, keys: readonly string[]): string[] => [...new Set(fresh(cursor, keys))].sort();

/** Whether what the entry is about was told of just now: then it counts as told with that. */
export const isEcho = ({ recent }: Position, key: string): boolean => recent.includes(subjectOf(entryOf(key)));

export const tell = ({ cursor, recent }: Position, key: string): Position => ({
  cursor: told(cursor, [key]),
  recent: [...recent, subjectOf(entryOf(key))].slice(-WINDOW),
});

/** These will not be told any more. */
export const passOver = ({ cursor, recent }: Position, keys: readonly string[]): Position => ({
  cursor: told(cursor, keys),
  recent,
});

export const toPositionText = ({ cursor, recent }: Position): PositionText => [...toText(cursor), recent.join('')];

export const fromPositionText = ([since, seen, recent]: PositionText): Position => ({
  cursor: fromText([since, seen]),
  recent: Array.from({ length: recent.length / SHORT }, (_, i) => recent.slice(SHORT * i, SHORT * (i + 1))),
});
