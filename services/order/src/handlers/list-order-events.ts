import { callerKey, pageSizeOf } from '@plaza/core';

import { orderNotFound } from '../domain/errors.ts';
import { toEventMessage } from '../mapping.ts';
import type { Deps, OrderHandlers } from './index.ts';

export const listOrderEvents =
  ({ orders, history, pageTokens }: Pick<Deps, 'orders' | 'history' | 'pageTokens'>): OrderHandlers['listOrderEvents'] =>
  async (ctx, { orderId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: orderId };
    const last = pageTokens.decode<number>(scope, pageToken) ?? 0;
    if (!(await orders.ofCaller(ctx, orderId))) throw orderNotFound(orderId);
    const { entries, end } = await history.after(ctx, orderId, last, pageSizeOf(pageSize));
    return {
      events: entries.map(toEventMessage),
      nextPageToken: end ? '' : pageTokens.encode(scope, entries.at(-1)!.sequence),
    };
  };
