import { firstIdAt, idTime } from '@plaza/core';

import { placeOf } from './entry.ts';
import { isDeleted, type Post, type Tombstone } from '../posts/post.ts';

/** How long a row stays in a home feed. */
export const FEED_WINDOW_MS = 30 * 24 * 3_600_000;
/** Viewers of one task: 20 batch writes of 25 rows. */
export const CHUNK_VIEWERS = 500;
/** How much of an author a new follower gets. */
export const BACKFILL_POSTS = 100;

/** One entry in one viewer's feed. */
export interface FeedRow {
  readonly viewerId: string;
  readonly entry: string;
  readonly sourceId: string;
}

/** An entry that was written into the timeline of its source, and whose feeds are to have it. */
export interface Published {
  readonly entry: string;
  readonly sourceId: string;
  /**
   * EVERYBODY: the source and its followers; OWN: the source alone, as of a PRIVATE post; FOLLOWERS: not the source, who knows what they
   * passed on; SAVERS: who keeps the product in view that the source is.
   */
  readonly audience: 'EVERYBODY' | 'OWN' | 'FOLLOWERS' | 'SAVERS';
}

/** Nobody but the author of a PRIVATE post has it in a feed. */
export const publishedPost = ({ postId, authorId, visibility }: Post | Tombstone): Published => ({
  entry: postId,
  sourceId: authorId,
  audience: visibility === 'PRIVATE' ? 'OWN' : 'EVERYBODY',
});

/** Ids below this are out of every feed. */
export const windowStart = (now: number): string => firstIdAt(Math.max(0, now - FEED_WINDOW_MS));

/** Rows outlive the window a little, so that with any clock none is missing that the window has. */
const SLACK_MS = 3_600_000;

/** Epoch milliseconds at which a row expires. */
export const rowEnd = (entry: string): number => idTime(placeOf(entry)) + FEED_WINDOW_MS + SLACK_MS;

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

/** Who gets an entry, in chunks: those who come first, such as the author; then the followers as they stream in. */
export async function* chunksOf(
  first: readonly string[],
  followers: AsyncIterable<readonly string[]>,
  size = CHUNK_VIEWERS,
): AsyncGenerator<string[]> {
  let chunk = [...first];
  for await (const ids of followers) {
    for (const id of ids) {
      if (first.includes(id)) continue;
      if (chunk.length === size) {
        yield chunk;
        chunk = [];
      }
      chunk.push(id);
    }
  }
  if (chunk.length > 0) yield chunk;
}
