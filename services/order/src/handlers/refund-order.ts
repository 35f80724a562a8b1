import { crashPoint, mutationOf } from '@plaza/core';

import { orderNotFound, orderRefused, refundPending } from '../domain/errors.ts';
import { newRefund } from '../domain/refund.ts';
import { toMessageFor, toRefundWish } from '../mapping.ts';
import type { Deps, OrderHandlers } from './index.ts';

export const refundOrder =
  ({ orders, refunds, saga, newId }: Pick<Deps, 'orders' | 'refunds' | 'saga' | 'newId'>): OrderHandlers['refundOrder'] =>
  async (ctx, request) => {
    const wish = toRefundWish(newId(), request);
    const find = async () => {
      const order = await orders.find(ctx, request.orderId);
      if (!order) throw orderNotFound(request.orderId);
      return order;
    };
    const judge = async () => {
      const found = await find();
      // Who is refused now would be refused later too, with less left: they need not wait for the refund that is under way.
      newRefund(found, ctx.caller, wish);
      const order = await saga.untilRefunded(ctx, found);
      if (order.refund) throw refundPending();
      return { order, refund: newRefund(order, ctx.caller, wish) };
    };
    const asked = await refunds.ask(ctx, mutationOf(ctx, request.requestId, request), judge);
    crashPoint('order.after-refund-asked');
    const order = await find();
    const ended = order.refund?.refundId === asked.refundId ? await saga.untilRefunded(ctx, order) : order;
    const { failure } = await refunds.get(ctx, asked);
    if (failure) throw orderRefused(asked.orderId, failure);
    return { order: toMessageFor(ctx.caller, ended) };
  };
