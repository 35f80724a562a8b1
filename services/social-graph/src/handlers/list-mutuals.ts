import { callerKey, fillPage, pageSizeOf } from '@plaza/core';

import { isNobody, judge } from '../domain/visibility.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const listMutuals =
  ({ mutuals, sight, pageTokens }: Deps): GraphHandlers['listMutuals'] =>
  async (ctx, { viewerId, userId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: `${viewerId} ${userId}` };
    const start = pageTokens.decode<string>(scope, pageToken);
    const whose = await sight.look(ctx, viewerId, [userId]);
    if (judge(whose, userId).sight === 'HIDDEN') return { userIds: [], nextPageToken: '' };
    const { items, next } = await fillPage<string>(pageSizeOf(pageSize), start, async (after) => {
      const { entries, end } = await mutuals.next(ctx, viewerId, userId, after);
      const view = await sight.look(
        ctx,
        viewerId,
        entries.flatMap(({ item }) => item ?? []),
      );
      const visible = entries.map(({ place, item }) => ({ place, item: item && isNobody(view, item) ? undefined : item }));
      return { entries: visible, end };
    });
    return { userIds: [...items], nextPageToken: next === undefined ? '' : pageTokens.encode(scope, next) };
  };
