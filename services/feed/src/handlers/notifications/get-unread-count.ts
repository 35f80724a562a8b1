import type { Deps, NotificationHandlers } from '../index.ts';

/** What is counted at most. */
const MOST = 100;

export const getUnreadCount =
  ({ notices, noticeReading }: Deps): NotificationHandlers['getUnreadCount'] =>
  async (ctx, { userId }) =>
    noticeReading.unread(ctx, userId, MOST, await notices.reading(ctx, userId));
