import { createHash } from 'node:crypto';

import { crashPoint, type Clock, type Context } from '@plaza/core';
import { bucketAdditions, createTally, type Addition, type Db } from '@plaza/dynamo';
import { appliedRow } from '@plaza/events';

import type { Post } from '../../domain/posts/post.ts';
import { postAttention, postsTable, tagAttention } from '../table.ts';

/** Attention that a post gets at a time, in epoch milliseconds. */
export interface Attention {
  /** Names what happened: it is counted once. */
  readonly id: string;
  readonly at: number;
  readonly post: Pick<Post, 'postId' | 'hashtags'>;
  readonly points: number;
  /** What each of its hashtags gets. */
  readonly tagPoints: number;
}

export type AttentionStore = ReturnType<typeof createAttentionStore>;

/**
 * How much attention posts and hashtags get, by spans of time. A post with twenty hashtags moves 63 rows, so that each post is an
 * entry of its own; the tally puts what is told at one time into few transactions.
 */
export const createAttentionStore = ({ db, now }: { db: Db; now: Clock }) => {
  const tally = createTally({ db, table: postsTable, committed: () => crashPoint('feed.after-trend') });
  return {
    /** Resolves when it is counted, by this delivery or another. */
    async count(ctx: Context, { id, at, post, points, tagPoints }: Attention): Promise<void> {
      const additions: Addition[] = [
        ...(points > 0 ? bucketAdditions(postAttention, post.postId, at, points) : []),
        ...post.hashtags.flatMap((tag) => bucketAdditions(tagAttention, tag, at, tagPoints)),
      ];
      if (additions.length > 0) await tally.apply(ctx, { mark: appliedRow('feed-trend', markOf(id), now()), additions });
    },
  };
};

/** Marks outlive the erasure of a person, 30 days at most: as hashes, they show who liked something only to who guesses both. */
const markOf = (id: string): string => createHash('sha256').update(id).digest('base64url');
