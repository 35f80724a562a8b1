/**
 * How the entries of a person reach the feeds of who follows them.
 * PUSH: written into each feed. PULL: read from the person's timeline by whoever reads. MARKING: still written, while the feeds of all
 * followers come to pull; being both is harmless, being neither would lose entries.
 */
export type Mode = 'PUSH' | 'MARKING' | 'PULL';

/** What an entry of a person costs. */
export interface Load {
  readonly followers: number;
  /** Entries of the last 24 hours, as far as they were counted. */
  readonly postsPerDay: number;
  /** Followers who read their feeds, by the last fan-out that was done. */
  readonly active: number;
}

export interface SourceMode extends Load {
  readonly mode: Mode;
  /** Names the turn to this mode: a new id with each. */
  readonly planId: string;
  /** Epoch milliseconds: when it turned. */
  readonly decidedAt: number;
  /** The newest entry that was planned; its receipt tells who is active. */
  readonly lastEntry: string;
  readonly version: number;
}

interface Limits {
  readonly followers: number;
  readonly writesPerDay: number;
}

export interface Thresholds {
  /** From here on a person is pulled … */
  readonly pull: Limits;
  /** … and below these pushed again. Lower, since each turn costs as much as some entries. */
  readonly push: Limits;
  /** A turn that takes longer was lost with the queue. */
  readonly overdueMs: number;
}

export const THRESHOLDS: Thresholds = {
  pull: { followers: 10_000, writesPerDay: 50_000 },
  push: { followers: 8_000, writesPerDay: 40_000 },
  overdueMs: 600_000,
};

/** Entries of one day are counted up to here. */
export const COUNTED_A_DAY = 200;

/** Whether the number of entries a day could decide anything: for most people it need not be counted. */
export const rateMatters = (followers: number, { push }: Thresholds): boolean => followers * COUNTED_A_DAY >= push.writesPerDay;

export const isHeavy = (mode: Mode, { followers, postsPerDay, active }: Load, { pull, push }: Thresholds): boolean => {
  const limits = mode === 'PUSH' ? pull : push;
  return followers >= limits.followers || postsPerDay * active >= limits.writesPerDay;
};

/** MARK and PUSH may be once more what it is already. Undefined: it stays as it is. */
export type Turn = 'MARK' | 'PULL' | 'PUSH' | undefined;

/** @param isDone whether every feed has followed the last turn to MARKING or PUSH */
export const turnOf = (
  before: Pick<SourceMode, 'mode' | 'decidedAt'> | undefined,
  load: Load,
  isDone: boolean,
  now: number,
  thresholds: Thresholds,
): Turn => {
  const mode = before?.mode ?? 'PUSH';
  const heavy = isHeavy(mode, load, thresholds);
  const isOverdue = before !== undefined && !isDone && now - before.decidedAt >= thresholds.overdueMs;
  switch (mode) {
    case 'PUSH':
      if (heavy) return 'MARK';
      return isOverdue ? 'PUSH' : undefined;
    case 'PULL':
      return heavy ? undefined : 'PUSH';
    case 'MARKING':
      if (!heavy) return 'PUSH';
      if (isDone) return 'PULL';
      return isOverdue ? 'MARK' : undefined;
  }
};
