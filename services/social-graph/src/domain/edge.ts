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

export interface FollowPage {
  readonly follows: readonly Follow[];
  /** Where to go on; absent at the end. */
  readonly next: string | undefined;
}

export interface Counts {
  readonly userId: string;
  readonly followers: number;
  readonly following: number;
}

/** The counts of a stranger. */
export const NONE = { followers: 0, following: 0 };

/** A page of a list as the public may see it. Who is gone is left out, so that it may be short; of somebody gone there is no list. */
export const shownOf = (page: FollowPage, ownerId: string, gone: ReadonlySet<string>): FollowPage =>
  gone.has(ownerId)
    ? { follows: [], next: undefined }
    : { follows: page.follows.filter(({ userId }) => !gone.has(userId)), next: page.next };

/**
 * Version of the next change to whom one person follows. It grows with every change, also from unfollow to follow, so that
 * whoever hears of both in the wrong order can tell; clocks of two machines may disagree, so time alone will not do.
 */
export const nextVersion = (now: number, current: number | undefined): number => Math.max(now, (current ?? 0) + 1);
