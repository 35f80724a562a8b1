import type { Post, Tombstone } from './post.ts';

/** Of everybody; each event is counted once, soon after it. */
export interface Counts {
  readonly likes: number;
  readonly reposts: number;
  readonly replies: number;
  readonly views: number;
}

/** What one viewer has done with a post; times in epoch milliseconds. */
export interface Mine {
  readonly likedAt?: number | undefined;
  readonly repostedAt?: number | undefined;
  readonly bookmarkedAt?: number | undefined;
}

/** A post as one viewer reads it. */
export interface Look<P extends Post | Tombstone = Post> {
  readonly post: P;
  readonly counts: Counts;
  readonly mine: Mine;
}
