import {
  postCreated,
  postDeleted,
  postLiked,
  postUnliked,
  postUpdated,
  repostCreated,
  repostRemoved,
  type Consumers,
  type EventType,
} from '@plaza/events';

import { repliesMoved } from '../domain/posts/replies.ts';
import type { CountMove, CountStore } from '../store/posts/count-store.ts';

/** What is handled at a time is counted in one transaction. */
export const COUNTS_IN_HAND = 64;

/** The consumers that count what can be counted anew. */
export const COUNTING = [
  'feed-count-like',
  'feed-count-unlike',
  'feed-count-repost',
  'feed-count-repost-removed',
  'feed-count-reply',
  'feed-count-reply-updated',
  'feed-count-reply-deleted',
] as const;
const [LIKE, UNLIKE, REPOST, REPOST_REMOVED, REPLY, REPLY_UPDATED, REPLY_DELETED] = COUNTING;

/**
 * Each of our own events, back from the bus, moves the counts of the post that it is about, exactly once. The counts of a famous
 * post must not slow down those who like it.
 */
export const addCounting = (consumers: Pick<Consumers, 'on'>, { counts }: { counts: CountStore }): void => {
  const count = <T>(type: EventType<T>, durable: string, moveOf: (event: T) => CountMove | undefined) =>
    consumers.on(type, {
      durable,
      concurrency: COUNTS_IN_HAND,
      handle: async (ctx, event, { id }) => {
        const move = moveOf(event);
        if (move) await counts.apply(ctx, { durable, eventId: id, adds: [move] });
      },
    });
  count(postLiked, LIKE, ({ postId }) => ({ postId, likes: 1 }));
  count(postUnliked, UNLIKE, ({ postId }) => ({ postId, likes: -1 }));
  count(repostCreated, REPOST, ({ postId }) => ({ postId, reposts: 1 }));
  count(repostRemoved, REPOST_REMOVED, ({ postId }) => ({ postId, reposts: -1 }));
  count(postCreated, REPLY, ({ replyToPostId, isPrivate }) => repliesMoved(replyToPostId, { isPrivate }));
  count(postUpdated, REPLY_UPDATED, ({ replyToPostId, ...told }) => repliesMoved(replyToPostId, told));
  count(postDeleted, REPLY_DELETED, ({ replyToPostId, isPrivate }) => repliesMoved(replyToPostId, { wasPrivate: isPrivate }));
};
