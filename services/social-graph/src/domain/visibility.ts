import type { MuteScope, Standing } from './tie.ts';

/** What one viewer has to do with one person: any of these bits. */
export const TIE = { FOLLOWS: 1, REQUESTED: 2, BLOCKS: 4, BLOCKED_BY: 8, MUTES: 16, MUTES_REPOSTS: 32 } as const;

/** Bits of a pair without a tie. */
export const NO_TIE = 0;

/** What one viewer has to do with others, and how those stand to the public, all of it true at one moment of a call. */
export interface View {
  /** Empty: nobody signed in, or an admin, with whom nobody has ties. */
  readonly viewerId: string;
  tie(userId: string): number;
  standing(userId: string): Standing;
  /** Names the state that this is of. */
  readonly epoch: string;
}

export interface Verdict {
  readonly authorId: string;
  readonly sight: 'VISIBLE' | 'HIDDEN' | 'MUTED';
  readonly following: boolean;
  readonly repostsMuted: boolean;
}

const has = (tie: number, bit: number): boolean => (tie & bit) !== 0;

/** Whoever asked to follow somebody who has gone public since follows, also before the request was turned into a follow. */
export const isFollowing = (view: View, userId: string): boolean => {
  const tie = view.tie(userId);
  return has(tie, TIE.FOLLOWS) || (has(tie, TIE.REQUESTED) && !view.standing(userId).isPrivate);
};

/** Nobody to this viewer: gone, or one blocks the other. */
export const isNobody = (view: View, userId: string): boolean =>
  view.standing(userId).gone || has(view.tie(userId), TIE.BLOCKS | TIE.BLOCKED_BY);

/** The one rule of who may see whom. */
export const judge = (view: View, authorId: string): Verdict => {
  const following = isFollowing(view, authorId);
  const tie = view.tie(authorId);
  const verdict = (sight: Verdict['sight']): Verdict => ({
    authorId,
    sight,
    following,
    repostsMuted: has(tie, TIE.MUTES | TIE.MUTES_REPOSTS),
  });
  if (isNobody(view, authorId)) return verdict('HIDDEN');
  if (authorId === view.viewerId) return verdict('VISIBLE');
  if (view.standing(authorId).isPrivate && !following) return verdict('HIDDEN');
  return verdict(has(tie, TIE.MUTES) ? 'MUTED' : 'VISIBLE');
};

/** Whether the viewer may read whom somebody follows and who follows them. An admin may, unless that person is gone. */
export const mayRead = (view: View, userId: string, isAdmin: boolean): boolean =>
  isAdmin ? !view.standing(userId).gone : judge(view, userId).sight !== 'HIDDEN';

/** Who of some people follows a person, or asks to. */
export interface Towards {
  readonly followers: ReadonlySet<string>;
  readonly requesters: ReadonlySet<string>;
}

/** How a viewer and another person stand to each other, as the viewer may know it. */
export interface Relation {
  readonly userId: string;
  readonly following: 'ACTIVE' | 'REQUESTED' | undefined;
  readonly followedBy: boolean;
  readonly requestedBy: boolean;
  readonly blocking: boolean;
  readonly muting: MuteScope | undefined;
}

/** Who is nobody to the viewer looks like a stranger, whatever was between the two; the viewer's own block is told. */
export const relationOf = (view: View, userId: string, { followers, requesters }: Towards): Relation => {
  const tie = view.tie(userId);
  const blocking = has(tie, TIE.BLOCKS);
  const stranger = { userId, following: undefined, followedBy: false, requestedBy: false, blocking, muting: undefined };
  if (view.standing(userId).gone || (has(tie, TIE.BLOCKED_BY) && !blocking)) return stranger;
  const follows = followers.has(userId);
  // Whoever asked to follow a viewer who has gone public since follows.
  const asks = requesters.has(userId);
  const isOpen = !view.standing(view.viewerId).isPrivate;
  return {
    ...stranger,
    following: isFollowing(view, userId) ? 'ACTIVE' : has(tie, TIE.REQUESTED) ? 'REQUESTED' : undefined,
    followedBy: follows || (asks && isOpen),
    requestedBy: asks && !isOpen,
    muting: has(tie, TIE.MUTES) ? 'ALL' : has(tie, TIE.MUTES_REPOSTS) ? 'REPOSTS' : undefined,
  };
};
