import { firstIdAt, idTime, lastIdAt } from '@plaza/core';

/** Things may come so much later than others that are newer: events are handled in no order, and an index follows behind its table. */
export const HORIZON_MS = 10 * 60_000;
/** More are not remembered, or a token would grow too long: the oldest of them, and all that is older, then count as told. */
const MOST = 200;
/** What the short form keeps of an id: its time, and a digest of all of it. */
const TIME = 10;
const DIGEST = 7;
const OFFSET = 5;

/**
 * How far a stream has told a list that is ordered by ids beginning with a ULID: everything up to `since`, and of what is newer `seen`,
 * in short form, oldest first. Pure, so that a token can hold it.
 */
export interface Cursor {
  readonly since: string;
  readonly seen: readonly string[];
}

/** A cursor as a token holds it. */
export type CursorText = readonly [since: string, seen: string];

/** All up to `since` counts as told, and these. */
export const cursorAt = (since: string, ids: readonly string[]): Cursor => told({ since, seen: [] }, ids);

/** Where a stream begins that tells what comes from now on; `ids` are those there are, at least of the last `HORIZON_MS`. */
export const cursorNow = (now: number, ids: readonly string[]): Cursor => cursorAt(horizonOf(now), ids);

/** From here on it may not have been told. */
export const horizonOf = (now: number): string => firstIdAt(Math.max(0, now - HORIZON_MS));

/** Which of these have not been told, in the order that is given. */
export const fresh = (cursor: Cursor, ids: readonly string[]): string[] => {
  const seen = new Set(cursor.seen);
  return ids.filter((id) => id > cursor.since && !seen.has(shortOf(id)));
};

/** These have been told now. In whatever order it is told of, the cursor comes to be the same. */
export const told = (cursor: Cursor, ids: readonly string[]): Cursor => {
  const news = ids.filter((id) => id > cursor.since).map(shortOf);
  const all = [...new Set([...cursor.seen, ...news])].sort();
  const newest = all.at(-1);
  if (newest === undefined) return cursor;
  const forgotten = all.at(-MOST - 1);
  const since = [cursor.since, horizonOf(idTime(newest)), forgotten === undefined ? '' : lastIdAt(idTime(forgotten))]
    .sort()
    .at(-1)!;
  return { since, seen: all.filter((short) => lastIdAt(idTime(short)) > since) };
};

export const toText = ({ since, seen }: Cursor): CursorText => [
  since,
  seen.map((short) => (idTime(short) - idTime(since)).toString(36).padStart(OFFSET, '0') + short.slice(TIME)).join(''),
];

export const fromText = ([since, seen]: CursorText): Cursor => {
  const shorts: string[] = [];
  for (let i = 0; i < seen.length; i += OFFSET + DIGEST) {
    const time = idTime(since) + Number.parseInt(seen.slice(i, i + OFFSET), 36);
    shorts.push(firstIdAt(time).slice(0, TIME) + seen.slice(i + OFFSET, i + OFFSET + DIGEST));
  }
  return { since, seen: shorts };
};

/** FNV-1a over the whole id: those of one millisecond differ by more than their last letters. */
const shortOf = (id: string): string => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return id.slice(0, TIME) + (hash >>> 0).toString(36).padStart(DIGEST, '0');
};
