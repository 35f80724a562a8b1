import { callerKey, fillPage, pageSizeOf } from '@plaza/core';

import { createdBetween } from '../domain/created.ts';
import { ofState, rowsFor } from '../domain/filter.ts';
import { stateFrom, toMessage } from '../mapping.ts';
import type { Deps, OrderHandlers } from './index.ts';

export const listOrders =
  ({ lists, pageTokens }: Pick<Deps, 'lists' | 'pageTokens'>): OrderHandlers['listOrders'] =>
  async (ctx, { userId, createdAfter, createdBefore, state: asked, pageSize, pageToken }) => {
    const range = createdBetween(createdAfter, createdBefore);
    const state = stateFrom(asked);
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: [userId, ...range, state].join() };
    const size = pageSizeOf(pageSize);
    const rows = rowsFor(size, state);
    const page = await fillPage(size, pageTokens.decode<string>(scope, pageToken), async (after) =>
      ofState(state, await lists.ofBuyer(ctx, userId, range, { rows, after })),
    );
    return {
      orders: page.items.map(toMessage),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
    };
  };
