import { mutationOf } from '@plaza/core';

import { orderNotFound } from '../domain/errors.ts';
import { legsToDeliver } from '../domain/fulfilment.ts';
import { toMessageFor } from '../mapping.ts';
import type { Deps, OrderHandlers } from './index.ts';

export const deliverOrder =
  ({ orders, fulfilments, now }: Pick<Deps, 'orders' | 'fulfilments' | 'now'>): OrderHandlers['deliverOrder'] =>
  async (ctx, request) => {
    const { orderId, sellerId, requestId } = request;
    const judge = async () => {
      const order = await orders.find(ctx, orderId);
      if (!order) throw orderNotFound(orderId);
      return { order, legs: legsToDeliver(order, ctx.caller, sellerId, now()) };
    };
    const delivered = await fulfilments.take(ctx, mutationOf(ctx, requestId, request), judge);
    return { order: toMessageFor(ctx.caller, delivered) };
  };
