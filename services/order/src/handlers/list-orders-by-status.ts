import { callerKey, fillPage, pageSizeOf } from '@plaza/core';

import { rowsFor } from '../domain/filter.ts';
import { stateFrom, toMessage } from '../mapping.ts';
import type { Deps, OrderHandlers } from './index.ts';

export const listOrdersByStatus =
  ({ lists, pageTokens }: Pick<Deps, 'lists' | 'pageTokens'>): OrderHandlers['listOrdersByStatus'] =>
  async (ctx, { state: asked, pageSize, pageToken }) => {
    const state = stateFrom(asked);
    if (state === undefined) throw new Error('the schema requires a state');
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: state };
    const size = pageSizeOf(pageSize);
    const rows = rowsFor(size, state);
    const page = await fillPage(size, pageTokens.decode<string>(scope, pageToken), (after) =>
      lists.inState(ctx, state, { rows, after }),
    );
    return {
      orders: page.items.map(toMessage),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
    };
  };
