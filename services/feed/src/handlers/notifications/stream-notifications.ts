import { assertAlive, withTimeout } from '@plaza/core';

import { cursorNow, fresh, horizonOf, told } from '../../live/cursor.ts';
import type { Deps, NotificationHandlers } from '../index.ts';

/** How late a notification is told of whose signal was lost: from three quarters of it to all. */
const LOOK_MS = 15_000;
/** For one look at what there is. */
const READ_MS = 5_000;
/** Notifications that are read, judged and presented together. */
const STRETCH = 50;
/** What waited longer for its client is read and judged again. */
const STALE_MS = 1_000;
/** More than a cursor remembers, so that the oldest of a crowd are met. */
const MOST = 400;

/**
 * The table is read from the cursor on whenever something is said to have happened, and from time to time. So nothing is held for a
 * client: whoever takes them slowly is told later, and of a group only the latest.
 */
export const streamNotifications = ({
  notices,
  noticeReading,
  noticeTokens,
  noticeHub,
  now,
  random,
}: Deps): NotificationHandlers['streamNotifications'] =>
  async function* (ctx, { userId, resumeToken }) {
    // Before anything is read: what happens later wakes us.
    using lookout = noticeHub.watch(userId);
    let cursor = noticeTokens.decode(ctx, userId, resumeToken);
    if (cursor === undefined) {
      const at = now();
      const there = await notices.page(withTimeout(ctx, READ_MS), userId, { above: horizonOf(at), below: undefined }, MOST);
      cursor = cursorNow(
        at,
        there.notices.map(({ place }) => place),
      );
    }
    yield { notification: undefined, resumeToken: noticeTokens.encode(ctx, userId, cursor) };
    for (;;) {
      const reading = withTimeout(ctx, READ_MS);
      const there = await notices.since(reading, userId, cursor.since, MOST);
      const news = new Set(
        fresh(
          cursor,
          there.notices.map(({ place }) => place),
        ).slice(0, STRETCH),
      );
      const rows = there.notices.filter(({ place }) => news.has(place));
      if (rows.length > 0) {
        const judged = await noticeReading.each(reading, userId, rows, await notices.reading(reading, userId));
        const judgedAt = now();
        const before = cursor;
        // Of a group the latest that may be told can have been told before.
        const items = judged.map((item) => (item && fresh(before, [item.place]).length > 0 ? item : undefined));
        for (const [i, { place }] of rows.entries()) {
          if (i > 0 && now() - judgedAt > STALE_MS) break;
          const notification = items[i];
          cursor = told(cursor, notification ? [place, notification.place] : [place]);
          if (notification) yield { notification, resumeToken: noticeTokens.encode(ctx, userId, cursor) };
        }
        continue;
      }
      await lookout.next(LOOK_MS * (1 - random() / 4), ctx.signal);
      assertAlive(ctx);
    }
  };
