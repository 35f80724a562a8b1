import { firstIdAt, idTime } from '@plaza/core';

import { windowStart } from './fan-out.ts';

/** Whoever has not read for so long gets nothing pushed: the next read puts the feed together anew. */
const HIBERNATION_MS = 14 * 24 * 3_600_000;
/** The fan-out holds a feed for awake a little longer than its reader does, since their clocks differ. */
const SLACK_MS = 3_600_000;
/** An entry may be told of so long after the time in its key: as long as an archive replays events, and a day. */
const LATE_MS = 8 * 24 * 3_600_000;

/**
 * How far the rows of a feed can be believed. A feed is, by definition, what the timelines of all its sources say, newest first. Its
 * rows are a copy of the upper part of that: no entry at or above the floor is missing, whatever else may be among them.
 */
export interface FeedState {
  /** Grows with every rebuilding. */
  readonly epoch: number;
  /** READY: the rows are whole down to the floor. BUILDING: new entries are pushed, older ones are being brought. */
  readonly state: 'READY' | 'BUILDING';
  /** Epoch milliseconds: since when it is so. */
  readonly since: number;
  /** Rows are whole from this key up; '' says that nothing older exists. */
  readonly floor: string;
  /** Nothing that was brought here is older; what is pushed may be, by what it came late. */
  readonly oldest: string;
  /** Epoch milliseconds, to the hour: when the viewer last read. */
  readonly readAt: number;
  /** The newest entry that the viewer has seen; '' if none. */
  readonly seen: string;
}

/** For the reader: whether its rows were kept up since they were written. */
export const isAwake = (state: FeedState | undefined, now: number): state is FeedState =>
  state !== undefined && now - state.readAt < HIBERNATION_MS;

/** For the fan-out: whether the feed is to get rows. */
export const takesRows = (state: FeedState | undefined, now: number): state is FeedState =>
  state !== undefined && now - state.readAt < HIBERNATION_MS + SLACK_MS;

/**
 * Down to where the rows can be believed now: those that left the window are gone. '' if nothing is missing, which is not said any more as
 * soon as a row may have expired, be it one that came late.
 */
export const floorAt = ({ floor, oldest }: FeedState, now: number): string => {
  const window = windowStart(now);
  if (floor === '' && firstIdAt(Math.max(0, idTime(oldest) - LATE_MS)) >= window) return '';
  return floor > window ? floor : window;
};
