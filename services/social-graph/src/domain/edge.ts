/** One person follows another. */
export interface Edge {
  readonly followerId: string;
  readonly followeeId: string;
}

/** One side of an edge, as lists show it. */
export interface Follow {
  readonly userId: string;
  /** Epoch milliseconds. */
  readonly followedAt: number;
}

export interface Counts {
  readonly userId: string;
  readonly followers: number;
  readonly following: number;
}

/**
 * Version of the next change to whom one person follows. It grows with every change, also from unfollow to follow, so that
 * whoever hears of both in the wrong order can tell; clocks of two machines may disagree, so time alone will not do.
 */
export const nextVersion = (now: number, current: number | undefined): number => Math.max(now, (current ?? 0) + 1);
