/** What people do with posts, each once with each post. */
export type EngagementKind = 'like' | 'repost' | 'bookmark';

export const ENGAGEMENT_KINDS: readonly EngagementKind[] = ['like', 'repost', 'bookmark'];

/** That it was done: `id` is a ULID, by which lists are ordered; `at` in epoch milliseconds. */
export interface Mark {
  readonly id: string;
  readonly at: number;
}

/** What one person has done with one post. */
export interface Engagement {
  readonly userId: string;
  readonly postId: string;
  /** Of the post: who is erased, or takes back, may not see it any more. */
  readonly authorId: string;
  readonly marks: Readonly<Partial<Record<EngagementKind, Mark>>>;
}
