import { callerKey, fillPage, pageSizeOf } from '@plaza/core';

import { ofState, rowsFor } from '../domain/filter.ts';
import { seenBySeller } from '../domain/seen-by-seller.ts';
import { stateFrom, toMessage } from '../mapping.ts';
import type { Deps, OrderHandlers } from './index.ts';

export const listSales =
  ({ lists, pageTokens }: Pick<Deps, 'lists' | 'pageTokens'>): OrderHandlers['listSales'] =>
  async (ctx, { sellerId, state: asked, pageSize, pageToken }) => {
    const state = stateFrom(asked);
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: [sellerId, state].join() };
    const size = pageSizeOf(pageSize);
    const rows = rowsFor(size, state);
    const page = await fillPage(size, pageTokens.decode<string>(scope, pageToken), async (after) =>
      ofState(state, await lists.ofSeller(ctx, sellerId, { rows, after })),
    );
    return {
      orders: page.items.map((order) => toMessage(seenBySeller(order, sellerId))),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
    };
  };
