import { firstIdAt, idTime } from '@plaza/core';

import { isDeleted, type Post, type Tombstone } from '../posts/post.ts';

/** How long a row stays in a home feed. */
export const FEED_WINDOW_MS = 30 * 24 * 3_600_000;
/** Viewers of one task: 20 batch writes of 25 rows. */
export const CHUNK_VIEWERS = 500;
/** How much of an author a new follower gets. */
export const BACKFILL_POSTS = 100;

/** One post in one viewer's feed. */
export interface FeedRow {
  readonly viewerId: string;
  readonly postId: string;
  readonly authorId: string;
}

/** Ids below this are out of every feed. */
export const windowStart = (now: number): string => firstIdAt(Math.max(0, now - FEED_WINDOW_MS));

/** Epoch milliseconds at which a row leaves the feed. */
export const feedEnd = (postId: string): number => idTime(postId) + FEED_WINDOW_MS;

/** Whether a viewer out of a post's audience is to have a row of it, as the post is now. */
export const isFor = (post: Post | Tombstone | undefined, viewerId: string): boolean =>
  post !== undefined && !isDeleted(post) && (post.visibility !== 'PRIVATE' || post.authorId === viewerId);

/** The followers who get a post: none of a private one, which is in no feed but its author's. */
export async function* followersFor(
  isPrivate: boolean,
  stream: () => AsyncIterable<{ readonly followerIds: readonly string[] }>,
): AsyncGenerator<readonly string[]> {
  if (isPrivate) return;
  for await (const { followerIds } of stream()) yield followerIds;
}

/** Who gets a post, in chunks: the author first, so that one's own post is seen soonest; then the followers as they stream in. */
export async function* chunksOf(authorId: string, followers: AsyncIterable<readonly string[]>): AsyncGenerator<string[]> {
  let chunk = [authorId];
  for await (const ids of followers) {
    for (const id of ids) {
      if (id === authorId) continue;
      if (chunk.length === CHUNK_VIEWERS) {
        yield chunk;
        chunk = [];
      }
      chunk.push(id);
    }
  }
  yield chunk;
}
