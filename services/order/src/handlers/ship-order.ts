import { crashPoint, mutationOf } from '@plaza/core';

import { orderNotFound, refundPending } from '../domain/errors.ts';
import { legsToShip } from '../domain/fulfilment.ts';
import type { Order } from '../domain/order.ts';
import { toMessageFor } from '../mapping.ts';
import type { Deps, OrderHandlers } from './index.ts';

export const shipOrder =
  ({ orders, fulfilments, saga, now }: Pick<Deps, 'orders' | 'fulfilments' | 'saga' | 'now'>): OrderHandlers['shipOrder'] =>
  async (ctx, request) => {
    const { orderId, sellerId, carrier, trackingNumber, requestId } = request;
    const legsOf = (order: Order) => legsToShip(order, ctx.caller, sellerId, { carrier, trackingNumber }, now());
    const judge = async () => {
      const found = await orders.find(ctx, orderId);
      if (!found) throw orderNotFound(orderId);
      if (legsOf(found).length === 0) return { order: found, legs: [] };
      // A refund that is under way may take everything back: what is sent meanwhile nobody would pay for.
      const order = await saga.untilRefunded(ctx, found);
      if (order.refund) throw refundPending();
      return { order, legs: legsOf(order) };
    };
    const shipped = await fulfilments.take(ctx, mutationOf(ctx, requestId, request), judge);
    crashPoint('order.after-shipped');
    return { order: toMessageFor(ctx.caller, shipped) };
  };
