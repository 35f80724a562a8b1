import { idTime } from '@plaza/core';
import { any, lacks, lt, ttl, update, type Item, type WriteOp } from '@plaza/dynamo';

import { groupId, groupOf, type News, type Notice, type OrderStep, type Telling } from '../../domain/notifications/notice.ts';
import { keys, NOTICES, postsTable } from '../table.ts';

/** How long anybody is told of anything. */
export const KEPT_MS = 90 * 24 * 3_600_000;

/** Takes the row to what is told, unless it knows of something later: told twice or in another order, it comes to be the same. */
export const noticeWrite = ({ userId, notice }: Telling): WriteOp => {
  const { place, step, news, over } = notice;
  const expiresAt = ttl(idTime(place) + KEPT_MS, 0);
  const isEarlier = any(lacks('place'), lt('place', place));
  const row = keys.notice(userId, groupId(notice));
  // Out of the index, but there: what comes late must not bring it back.
  if (over) return update(postsTable, row, { set: { place, expiresAt }, remove: ['notifyUser'] }, isEarlier);
  const set = { place, notifyUser: userId, step, news: news && newsValue(news), expiresAt };
  return update(postsTable, row, { set }, isEarlier);
};

const newsValue = (news: News) =>
  news.kind === 'PRICE'
    ? { kind: news.kind, oldPrice: { ...news.oldPrice }, newPrice: { ...news.newPrice } }
    : { kind: news.kind };

export const noticeIn = (item: Item): Notice => ({
  ...groupOf(item.sk.slice(NOTICES.length)),
  place: item['place'] as string,
  step: item['step'] as OrderStep | undefined,
  news: item['news'] as unknown as News | undefined,
});
