import { idTime, moneyOf, unreachable } from '@plaza/core';
import { ProductNewsKind, type ProductNews } from '@plaza/proto/plaza/feed/v1/feed_service';
import { Notification, NotificationKind, OrderStep } from '@plaza/proto/plaza/feed/v1/notification_service';

import { groupId, isUnread, NOTICE_KINDS, type News, type NoticeKind, type Reading } from './domain/notifications/notice.ts';
import type { Shown } from './domain/notifications/shown.ts';
import { toAuthor, toCard, toMessage, type Decoration } from './mapping.ts';

export const toNotification = (shown: Shown, reading: Reading, decoration: Decoration): Notification => {
  const { notice, first, actors, actorCount, look } = shown;
  const { kind, about, place, step, news } = notice;
  return Notification.fromPartial({
    // Of several who follow the first: more of them make no other notification of it.
    notificationId: groupId(first),
    kind: NotificationKind[kind],
    notifyTime: new Date(idTime(place)),
    unread: isUnread(notice, reading),
    actors: actors.map((id) => toAuthor(id, decoration.users.get(id))),
    actorCount: BigInt(actorCount),
    post: look && toMessage(look.post, look, decoration),
    ...(kind === 'ORDER' && { orderId: about, orderStep: OrderStep[step ?? 'PAID'] }),
    ...(kind === 'PRODUCT_NEWS' && { product: toCard(about, decoration.products), news: news && toNews(news) }),
    place,
  });
};

export const toNews = (news: News): ProductNews => {
  switch (news.kind) {
    case 'PRICE':
      return { kind: ProductNewsKind.PRICE, oldPrice: moneyOf(news.oldPrice), newPrice: moneyOf(news.newPrice) };
    case 'SOLD_OUT':
    case 'RESTOCKED':
      return { kind: ProductNewsKind[news.kind], oldPrice: undefined, newPrice: undefined };
    default:
      return unreachable(news);
  }
};

/** The schema lets none pass that is not known. */
export const kindsIn = (kinds: readonly NotificationKind[]): NoticeKind[] =>
  NOTICE_KINDS.filter((kind) => kinds.includes(NotificationKind[kind]));

export const toKinds = (kinds: readonly NoticeKind[]): NotificationKind[] => kinds.map((kind) => NotificationKind[kind]);
