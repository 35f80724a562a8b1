import { assertAlive, mutationOf } from '@plaza/core';

import { orderNotFound, purchaseNotShared } from '../domain/errors.ts';
import type { Order } from '../domain/order.ts';
import { toMessage } from '../mapping.ts';
import type { Deps, OrderHandlers } from './index.ts';

export const unsharePurchase =
  ({ orders, shares }: Pick<Deps, 'orders' | 'shares'>): OrderHandlers['unsharePurchase'] =>
  async (ctx, request) => {
    const mutation = mutationOf(ctx, request.requestId, request);
    let withdrawn: Order | undefined;
    // Whoever loses to the saga reads again; a saga that loses does too, and goes on.
    while (!withdrawn) {
      assertAlive(ctx);
      const order = await orders.ofCaller(ctx, request.orderId);
      if (!order) throw orderNotFound(request.orderId);
      if (order.sharePurchase === undefined) throw purchaseNotShared();
      withdrawn = await shares.withdraw(ctx, mutation, order);
    }
    return { order: toMessage(withdrawn) };
  };
