import type { Handle } from '@plaza/events';
import type { PostViews } from '@plaza/proto/plaza/feed/v1/tasks';

import { POINTS } from '../domain/posts/attention.ts';
import { isDeleted, type Post, type Tombstone } from '../domain/posts/post.ts';
import type { Deps } from './index.ts';

/** Posts counted by one entry: a transaction takes no more than a hundred rows. */
const CHUNK = 50;

/**
 * Counts views that were taken down; the queue forgets them only after that. Cut by what was told, not by what is still there: each
 * delivery has the same chunks.
 */
export const countViews =
  ({ posts, counts, payAttention }: Pick<Deps, 'posts' | 'counts' | 'payAttention'>, durable: string): Handle<PostViews> =>
  async (ctx, { flushId, postIds, viewTime }, { at }) => {
    for (const [i, chunk] of chunksOf([...new Set(postIds)]).entries()) {
      const seen = (await posts.getMany(ctx, chunk)).filter(isCounted);
      if (seen.length === 0) continue;
      const ids = seen.map(({ postId }) => postId);
      const adds = ids.map((postId) => ({ postId, views: 1 }));
      await counts.apply(ctx, { durable, eventId: `${flushId}/${i}`, adds });
      await payAttention(ctx, ids, ({ postId }) => ({
        id: `view/${flushId}/${postId}`,
        at: viewTime?.getTime() ?? at,
        points: POINTS.view,
        tagPoints: POINTS.view,
      }));
    }
  };

/** What is for its author alone has no audience; of what is unknown, rows could be made up. */
const isCounted = (post: Post | Tombstone | undefined): post is Post =>
  post !== undefined && !isDeleted(post) && post.visibility !== 'PRIVATE';

const chunksOf = (ids: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / CHUNK) }, (_, i) => ids.slice(i * CHUNK, (i + 1) * CHUNK));
