import { inLanes, type Context } from '@plaza/core';
import {
  followCreated,
  followRemoved,
  followRequested,
  followRequestRemoved,
  followsImported,
  orderCancelled,
  orderDelivered,
  orderFailed,
  orderPaid,
  orderRefunded,
  orderShipped,
  postCreated,
  postLiked,
  repostCreated,
  userCreated,
  type Consumers,
  type EventType,
} from '@plaza/events';

import type { OrderStep, Telling } from '../domain/notifications/notice.ts';
import { isTold, tellingsOfOrder, tellingsOfPost, toldTo } from '../domain/notifications/tellings.ts';
import type { Mentioned } from '../mentioned.ts';
import type { NoticeWriter } from '../store/notifications/notice-writer.ts';
import type { PostReader } from '../store/posts/post-reader.ts';

export interface NotifyDeps {
  readonly posts: Pick<PostReader, 'getMany'>;
  readonly noticeWriter: NoticeWriter;
  readonly mentioned: Mentioned;
}

/** What is handled at a time; for one group of one user it is one write. */
const IN_HAND = 64;
/** Written at a time for one event. */
const LANES = 16;

/** Notes whom each event is news for. What it is about is not looked at but for whom it concerns: that is judged when it is read. */
export const addNotifying = (consumers: Pick<Consumers, 'on'>, { posts, noticeWriter, mentioned }: NotifyDeps): void => {
  const tell = <T>(
    type: EventType<T>,
    durable: string,
    tellingsOf: (event: T, place: string, ctx: Context) => Telling[] | Promise<Telling[]>,
  ) =>
    consumers.on(type, {
      durable,
      concurrency: IN_HAND,
      handle: async (ctx, event, { id }) =>
        inLanes(await tellingsOf(event, id, ctx), LANES, (telling) => noticeWriter.tell(ctx, telling)),
    });

  tell(userCreated, 'feed-notify-welcome', ({ userId }, place) => toldTo(userId, 'WELCOME', '', place));

  tell(followCreated, 'feed-notify-follow', ({ followerId, followeeId }, place) =>
    toldTo(followeeId, 'FOLLOW', followerId, place),
  );
  tell(followsImported, 'feed-notify-import', ({ followerId, followeeIds }, place) =>
    followeeIds.flatMap((id) => toldTo(id, 'FOLLOW', followerId, place)),
  );
  tell(followRemoved, 'feed-notify-unfollow', ({ followerId, followeeId }, place) =>
    toldTo(followeeId, 'FOLLOW', followerId, place, { over: true }),
  );
  tell(followRequested, 'feed-notify-request', ({ followerId, followeeId }, place) =>
    toldTo(followeeId, 'FOLLOW_REQUEST', followerId, place),
  );
  tell(followRequestRemoved, 'feed-notify-request-over', ({ followerId, followeeId }, place) =>
    toldTo(followeeId, 'FOLLOW_REQUEST', followerId, place, { over: true }),
  );

  tell(postLiked, 'feed-notify-like', ({ postId, authorId, userId }, place) =>
    toldTo(authorId, 'LIKE', postId, place, { by: userId }),
  );
  tell(repostCreated, 'feed-notify-repost', ({ postId, authorId, userId }, place) =>
    toldTo(authorId, 'REPOST', postId, place, { by: userId }),
  );
  tell(postCreated, 'feed-notify-post', async ({ postId, replyToPostId }, place, ctx) => {
    const [post, parent] = await posts.getMany(ctx, replyToPostId === '' ? [postId] : [postId, replyToPostId]);
    const names = isTold(post) ? post.mentions : [];
    return tellingsOfPost(post, parent, names.length === 0 ? [] : await mentioned(ctx, names), place);
  });

  const order = <T extends { orderId: string; userId: string }>(type: EventType<T>, durable: string, step: OrderStep) =>
    tell(type, durable, ({ orderId, userId }, place) => tellingsOfOrder(orderId, [userId], step, place));
  tell(orderPaid, 'feed-notify-order-paid', ({ orderId, userId, lines }, place) =>
    tellingsOfOrder(orderId, [userId, ...lines.map(({ sellerId }) => sellerId)], 'PAID', place),
  );
  order(orderFailed, 'feed-notify-order-failed', 'FAILED');
  order(orderCancelled, 'feed-notify-order-cancelled', 'CANCELLED');
  order(orderShipped, 'feed-notify-order-shipped', 'SHIPPED');
  order(orderDelivered, 'feed-notify-order-delivered', 'DELIVERED');
  order(orderRefunded, 'feed-notify-order-refunded', 'REFUNDED');
};
