import type { MuteScope } from './tie.ts';

/** One row of a list of people. */
export interface Listed {
  readonly userId: string;
  /** Since when, epoch milliseconds. */
  readonly at: number;
  /** Of a mute. */
  readonly scope?: MuteScope | undefined;
}

export interface Counts {
  readonly userId: string;
  readonly followers: number;
  readonly following: number;
}

/** The counts of a stranger. */
export const NONE = { followers: 0, following: 0 };
