import { callerKey, pageSizeOf } from '@plaza/core';

import { toMessage } from '../mapping.ts';
import type { Deps, OrderHandlers } from './index.ts';

export const listOrders =
  ({ orders, pageTokens }: Pick<Deps, 'orders' | 'pageTokens'>): OrderHandlers['listOrders'] =>
  async (ctx, { userId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: userId };
    const size = pageSizeOf(pageSize);
    // One more than asked for tells whether there is another page.
    const found = await orders.list(ctx, userId, size + 1, pageTokens.decode<string>(scope, pageToken));
    const page = found.slice(0, size);
    const last = found.length > size ? page.at(-1) : undefined;
    return { orders: page.map(toMessage), nextPageToken: last ? pageTokens.encode(scope, last.orderId) : '' };
  };
