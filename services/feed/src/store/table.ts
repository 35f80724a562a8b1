import { defineTable, shardOf, type Buckets } from '@plaza/dynamo';

import type { Place } from '../domain/posts/places.ts';

/** The truth: posts, their lists, engagement, fan-out receipts, what people are told of, request rows, outbox and dead letters. */
export const postsTable = defineTable({
  name: 'posts',
  // Sparse: notices alone, each user's in their order.
  indexes: { byNotified: { pk: 'notifyUser', sk: 'place' } },
});

/** Derived from posts and follows: one partition a viewer, one row a post. Heads and applied rows belong to it and go with it. */
export const homeFeedTable = defineTable({ name: 'home_feed', derived: true });

/** Of the sort keys by which a feed names the sources that it pulls. */
export const PULLED = '!PULL#';
/** Of the sort keys of what a user is told of. */
export const NOTICES = 'G#';

/** The smallest sort key of a row of a feed; before it stands what is known of the feed. */
export const FIRST_ROW = '0';

export const isFeedRow = ({ sk }: { readonly sk: string }): boolean => sk >= FIRST_ROW;

export const keys = {
  post: (postId: string) => ({ pk: `P#${postId}`, sk: 'META' }),
  /** Apart from META: whoever likes a post must not stand in the way of who edits it. */
  counts: (postId: string) => ({ pk: `P#${postId}`, sk: 'COUNTS' }),
  /** What a post was at a version that an edit ended. */
  revision: (postId: string, version: number) => ({ pk: `P#${postId}`, sk: `V#${String(version).padStart(6, '0')}` }),
  /** A follower's backfill and ListPosts read these by strongly consistent query: never move them to an index. */
  authorPost: (authorId: string, postId: string) => ({ pk: `A#${authorId}`, sk: `P#${postId}` }),
  /** The newest id that the author ever got; says too that there is something to backfill. Sorts outside of "P#". */
  authorLast: (authorId: string) => ({ pk: `A#${authorId}`, sk: '!LAST' }),
  /** What one person has done with one post: in the person's partition, so that a post liked by many is not a hot one. */
  mine: (userId: string, postId: string) => ({ pk: `E#${userId}`, sk: `P#${postId}` }),
  /** Whoever is erased does nothing with posts any more: next to what they have done, sorting outside of "P#". */
  engagementsErased: (userId: string) => ({ pk: `E#${userId}`, sk: '!ERASED' }),
  /** A person's bookmarks in their order. */
  bookmark: (userId: string, bookmarkId: string) => ({ pk: `BM#${userId}`, sk: bookmarkId }),
  /** Who likes, who reposted a post, in their order. */
  like: (postId: string, likeId: string) => ({ pk: spreadPk('LIKES', postId, likeId), sk: likeId }),
  repost: (postId: string, repostId: string) => ({ pk: spreadPk('REPOSTS', postId, repostId), sk: repostId }),
  /** Days that have PUBLIC posts. */
  publicDay: (day: string) => ({ pk: 'G#DAYS', sk: day }),
  /** What was bought because of a post, and of which product. */
  sales: (postId: string) => ({ pk: `P#${postId}`, sk: 'SALES' }),
  productSales: (postId: string, productId: string) => ({ pk: `P#${postId}`, sk: `SALES#${productId}` }),
  receipt: (postId: string) => ({ pk: `F#${postId}`, sk: 'FANOUT' }),
  /** Prefix of the sort keys of a plan's chunks. */
  chunksDone: (planId: string) => `C#${planId}#`,
  chunkDone: (postId: string, planId: string, chunk: number) => ({ pk: `F#${postId}`, sk: `C#${planId}#${chunk}` }),
  /** Who is being erased or was: in one partition, so that a chunk of the fan-out sees all of them by one query. */
  erasure: (userId: string) => ({ pk: 'ERASED', sk: userId }),
  /** What a person did beside publishing, or what happened to a product: next to the posts, in the order of `place`. */
  story: (sourceId: string, place: string) => ({ pk: `A#${sourceId}`, sk: `S#${place}` }),
  /** The place of the newest story, about: says that there are some. */
  lastStory: (sourceId: string) => ({ pk: `A#${sourceId}`, sk: '!STORY' }),
  /** When somebody was last told that a product is sold out, or is there again. */
  turnTold: (productId: string, news: string) => ({ pk: `A#${productId}`, sk: `!NEWS#${news}` }),
  /** What became of a purchase that may be shared, whatever order its events come in. */
  purchase: (orderId: string) => ({ pk: `PU#${orderId}`, sk: 'META' }),
  /** Whether a person keeps a product in view; and who keeps a product in view. */
  saved: (userId: string, productId: string) => ({ pk: `SV#${userId}`, sk: `P#${productId}` }),
  saver: (productId: string, userId: string) => ({ pk: `SVR#${productId}`, sk: `U#${userId}` }),
  /** How the entries of a source reach feeds. */
  mode: (sourceId: string) => ({ pk: `A#${sourceId}`, sk: '!MODE' }),
  /** Natural key: whoever delivers an entry, and however often, writes this one row. Sorts behind all that is no row. */
  feedRow: (viewerId: string, entry: string) => ({ pk: viewerId, sk: entry }),
  /** How far the rows of the feed can be believed. */
  feedMeta: (viewerId: string) => ({ pk: viewerId, sk: '!STATE' }),
  /**
   * A source whose timeline is read with the feed. Sorts before the state, and so is read before it by one query: whoever sees the mark gone
   * sees the floor that was raised before it went.
   */
  pulled: (viewerId: string, sourceId: string) => ({ pk: viewerId, sk: `${PULLED}${sourceId}` }),
  /** What a user is told of, one row a group. */
  notice: (userId: string, group: string) => ({ pk: `N#${userId}`, sk: `${NOTICES}${group}` }),
  /** How far a user has read, and what of it is not wanted: next to the notices, sorting outside of them. */
  noticesRead: (userId: string) => ({ pk: `N#${userId}`, sk: '!STATE' }),
  headGeneration: { pk: '!GEN', sk: '!GEN' },
};

/** How much attention posts, and hashtags, got within spans of time. */
export const postAttention: Buckets = { table: postsTable, prefix: 'TP' };
export const tagAttention: Buckets = { table: postsTable, prefix: 'TH' };

/** Lists that are spread over partitions, which together are read newest first: the id is the sort key. */
const SPREAD = {
  REPLIES: { prefix: 'R', shards: 4 },
  HASHTAG: { prefix: 'H', shards: 4 },
  PRODUCT: { prefix: 'PR', shards: 4 },
  LIKES: { prefix: 'L', shards: 4 },
  REPOSTS: { prefix: 'RP', shards: 4 },
  // All that is published on one day is written there.
  PUBLIC: { prefix: 'G', shards: 16 },
} as const;

export type SpreadList = keyof typeof SPREAD;

/** The partitions of a list; `of` is the post, the hashtag, the product, the day. */
export const shardsOf = (list: SpreadList, of: string): string[] => {
  const { prefix, shards } = SPREAD[list];
  return Array.from({ length: shards }, (_, shard) => `${prefix}#${of}#${shard}`);
};

/** The row by which a post stands in a list. */
export const placeKey = ({ list, of }: Place, postId: string) => {
  if (list === 'AUTHOR') return keys.authorPost(of, postId);
  return { pk: spreadPk(list, of, postId), sk: postId };
};

const spreadPk = (list: SpreadList, of: string, id: string): string => shardsOf(list, of)[shardOf(id, SPREAD[list].shards)]!;
