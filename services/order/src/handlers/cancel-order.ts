import { assertAlive, mutationOf } from '@plaza/core';

import { illegalTransition, orderNotFound } from '../domain/errors.ts';
import { isOpen, type Order } from '../domain/order.ts';
import { toMessage } from '../mapping.ts';
import type { Deps, OrderHandlers } from './index.ts';

export const cancelOrder =
  ({ orders, saga }: Pick<Deps, 'orders' | 'saga'>): OrderHandlers['cancelOrder'] =>
  async (ctx, request) => {
    const mutation = mutationOf(ctx, request.requestId, request);
    let cancelled: Order | undefined;
    // The saga moves an order three times at most: who loses to it reads again and decides again.
    while (!cancelled) {
      assertAlive(ctx);
      const order = await orders.ofCaller(ctx, request.orderId);
      if (!order) throw orderNotFound(request.orderId);
      if (!isOpen(order) && order.state !== 'CANCELLED') throw illegalTransition(order.state);
      cancelled = await orders.cancel(ctx, mutation, order);
      if (cancelled && isOpen(order)) saga.finish(ctx, cancelled);
    }
    return { order: toMessage(cancelled) };
  };
