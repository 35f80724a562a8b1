/** Since when there is a tie. */
export interface Since {
  /** Of its owner's ties when it began: its place in lists. */
  readonly version: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

export type MuteScope = 'ALL' | 'REPOSTS';

/** How somebody stands to the public. */
export interface Standing {
  readonly isPrivate: boolean;
  /** Deleted or erased. */
  readonly gone: boolean;
}

/** Of whom nothing was ever said. */
export const PUBLIC: Standing = { isPrivate: false, gone: false };

/** One of the two of a pair. */
export interface Person {
  readonly userId: string;
  /** Of the person's ties, undefined before the first: it grows with every change of one. */
  readonly version: number | undefined;
  readonly following: number;
  readonly standing: Standing;
}

/** All that is between two people, `one` being who acts. */
export interface Pair {
  readonly one: Person;
  readonly other: Person;
  readonly follows?: Since | undefined;
  readonly followedBy?: Since | undefined;
  readonly requested?: Since | undefined;
  readonly requestedBy?: Since | undefined;
  readonly blocks?: Since | undefined;
  readonly blockedBy?: Since | undefined;
  readonly mutes?: (Since & { readonly scope: MuteScope }) | undefined;
}

export type FollowEnd = 'UNFOLLOWED' | 'REMOVED' | 'BLOCKED' | 'ERASED';
export type RequestEnd = 'APPROVED' | 'REJECTED' | 'WITHDRAWN' | 'BLOCKED' | 'ERASED';

/** One change of one tie. All steps of a change are written together, or none is. */
export type Step =
  | { readonly kind: 'follow'; readonly from: string; readonly to: string }
  | { readonly kind: 'unfollow'; readonly from: string; readonly to: string; readonly was: Since; readonly cause: FollowEnd }
  | { readonly kind: 'request'; readonly from: string; readonly to: string }
  | { readonly kind: 'endRequest'; readonly from: string; readonly to: string; readonly was: Since; readonly cause: RequestEnd }
  | { readonly kind: 'block'; readonly from: string; readonly to: string }
  | { readonly kind: 'unblock'; readonly from: string; readonly to: string; readonly was: Since }
  | {
      readonly kind: 'mute';
      readonly from: string;
      readonly to: string;
      readonly scope: MuteScope;
      readonly was?: Since | undefined;
    }
  | { readonly kind: 'unmute'; readonly from: string; readonly to: string; readonly was: Since };

/** Whose ties a step changes: a block is both people's, everything else is of who began it. */
export const touchedBy = ({ kind, from, to }: Step): string[] => (kind === 'block' || kind === 'unblock' ? [from, to] : [from]);

/**
 * Version of the next change of one person's ties. It grows with every change, also from unfollow to follow, so that whoever hears
 * of both in the wrong order can tell; clocks of two machines may disagree, so time alone will not do.
 */
export const nextVersion = (now: number, current: number | undefined): number => Math.max(now, (current ?? 0) + 1);
