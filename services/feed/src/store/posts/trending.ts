import { createSlotRankings, type Redis } from '@plaza/cache';
import type { ReadRanking } from '@plaza/core';
import { createBucketSums, type Db } from '@plaza/dynamo';

import { tagId, worthOf } from '../../domain/posts/attention.ts';
import { postAttention, tagAttention } from '../table.ts';

export interface Trending {
  readonly posts: ReadRanking;
  /** By `tagId`. */
  readonly hashtags: ReadRanking;
}

/** Posts and hashtags by the attention that they got within a window; what is older counts less. */
export const createTrending = ({ db, redis, namespace }: { db: Db; redis: Redis; namespace: string }): Trending => {
  const addUpTags = createBucketSums({ db, buckets: tagAttention, worth: worthOf });
  return {
    posts: createSlotRankings({
      redis,
      namespace,
      name: 'trending-posts',
      addUp: createBucketSums({ db, buckets: postAttention, worth: worthOf }),
    }),
    hashtags: createSlotRankings({
      redis,
      namespace,
      name: 'trending-hashtags',
      addUp: async (ctx, window, slot) => {
        const sums = await addUpTags(ctx, window, slot);
        return new Map([...sums].map(([tag, score]) => [tagId(tag), score]));
      },
    }),
  };
};
