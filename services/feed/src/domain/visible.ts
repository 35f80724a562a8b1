import { isDeleted, type Post, type Tombstone } from './posts/post.ts';

/** What the graph says about one author and the viewer who asks. */
export interface Verdict {
  readonly hidden: boolean;
  /** Shown where the viewer asks for the author, but not where the author would come unasked. */
  readonly muted: boolean;
  readonly following: boolean;
  /** Whether the viewer does not want what the author passes on. Nothing that is passed on is shown where it is not told. */
  readonly repostsMuted?: boolean;
}

/** Nobody signed in. */
export const ANONYMOUS = '';

/**
 * The one answer to "may this viewer see this post?", used by every reader. Without a verdict nothing of somebody else is
 * shown: an answer that leaves an author out is no permission.
 */
export const maySee = (post: Post | Tombstone | undefined, viewerId: string, verdict: Verdict | undefined): post is Post => {
  if (post === undefined || isDeleted(post)) return false;
  // Also to themselves, where an admin looks with their eyes.
  if (verdict?.hidden === true) return false;
  if (post.authorId === viewerId) return true;
  if (verdict === undefined) return false;
  switch (post.visibility) {
    case 'PUBLIC':
      return true;
    case 'FOLLOWERS':
      return verdict.following;
    case 'PRIVATE':
      return false;
  }
};

/** Whether a viewer may see that somebody did something: of somebody hidden, nothing; of themselves, all. */
export const maySeePerson = (userId: string, viewerId: string, verdict: Verdict | undefined): boolean =>
  userId === viewerId || verdict?.hidden === false;

/** The rule of lists in which authors come unasked: of hashtags, of products, of everybody. */
export const mayMeet = (post: Post | Tombstone | undefined, viewerId: string, verdict: Verdict | undefined): post is Post =>
  maySee(post, viewerId, verdict) && (post.authorId === viewerId || verdict?.muted !== true);

/** The same for lists of PUBLIC posts alone: one that is edited to be for followers only is in none of them, whoever asks. */
export const mayMeetInPublic = (
  post: Post | Tombstone | undefined,
  viewerId: string,
  verdict: Verdict | undefined,
): post is Post => mayMeet(post, viewerId, verdict) && post.visibility === 'PUBLIC';

/** A home feed shows what its viewer may see of authors followed now and not muted, and the viewer's own; rows of the past do not count. */
export const belongsInFeed = (post: Post | Tombstone | undefined, viewerId: string, verdict: Verdict | undefined): post is Post =>
  maySee(post, viewerId, verdict) && (post.authorId === viewerId || (verdict?.following === true && !verdict.muted));

/**
 * The authors about whom the graph must be asked: everyone but the caller. Whoever calls is there: a deleted person's sessions
 * end within a second.
 */
export const authorsToCheck = (posts: readonly (Post | Tombstone | undefined)[], callerId: string): string[] => [
  ...new Set(
    posts.flatMap((post) => (post === undefined || isDeleted(post) || post.authorId === callerId ? [] : [post.authorId])),
  ),
];
