import { callerKey, pageSizeOf } from '@plaza/core';

import { cursorNow, horizonOf } from '../../live/cursor.ts';
import type { Deps, NotificationHandlers } from '../index.ts';

/** Places that a cursor remembers. */
const REMEMBERED = 200;

export const listNotifications =
  ({ notices, noticeReading, noticeTokens, pageTokens, now }: Deps): NotificationHandlers['listNotifications'] =>
  async (ctx, { userId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: userId };
    const below = pageTokens.decode<string>(scope, pageToken);
    const at = now();
    const reading = await notices.reading(ctx, userId);
    const { items, rows, next } = await noticeReading.page(ctx, userId, below, pageSizeOf(pageSize), reading);
    const nextPageToken = next === undefined ? '' : pageTokens.encode(scope, next);
    if (below !== undefined) return { notifications: [...items], nextPageToken, resumeToken: '' };
    // What is on the pages to come is covered too; most often that is older than what a stream looks back to.
    const above = horizonOf(at);
    const isAll = next === undefined || next <= above;
    const rest = isAll ? [] : (await notices.page(ctx, userId, { above, below: next }, REMEMBERED)).notices;
    const cursor = cursorNow(
      at,
      [...rows, ...items, ...rest].map(({ place }) => place),
    );
    return { notifications: [...items], nextPageToken, resumeToken: noticeTokens.encode(ctx, userId, cursor) };
  };
