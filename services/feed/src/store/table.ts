import { defineTable } from '@plaza/dynamo';

/** The truth: posts, author timelines, fan-out receipts, request rows, outbox and dead letters. */
export const postsTable = defineTable({ name: 'posts' });

/** Derived from posts and follows: one partition a viewer, one row a post. Heads and applied rows belong to it and go with it. */
export const homeFeedTable = defineTable({ name: 'home_feed' });

export const keys = {
  post: (postId: string) => ({ pk: `P#${postId}`, sk: 'META' }),
  /** A follower's backfill and ListPosts read these by strongly consistent query: never move them to an index. */
  authorPost: (authorId: string, postId: string) => ({ pk: `A#${authorId}`, sk: `P#${postId}` }),
  /** The newest id that the author ever got; says too that there is something to backfill. Sorts outside of "P#". */
  authorLast: (authorId: string) => ({ pk: `A#${authorId}`, sk: '!LAST' }),
  receipt: (postId: string) => ({ pk: `F#${postId}`, sk: 'FANOUT' }),
  /** Prefix of the sort keys of a plan's chunks. */
  chunksDone: (planId: string) => `C#${planId}#`,
  chunkDone: (postId: string, planId: string, chunk: number) => ({ pk: `F#${postId}`, sk: `C#${planId}#${chunk}` }),
  /** Who is being erased or was: in one partition, so that a chunk of the fan-out sees all of them by one query. */
  erasure: (userId: string) => ({ pk: 'ERASED', sk: userId }),
  /** Natural key: whoever delivers a post, and however often, writes this one row. */
  feedRow: (viewerId: string, postId: string) => ({ pk: viewerId, sk: postId }),
  headGeneration: { pk: '!GEN', sk: '!GEN' },
};
