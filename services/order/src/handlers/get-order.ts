import { orderNotFound } from '../domain/errors.ts';
import { toMessage } from '../mapping.ts';
import type { Deps, OrderHandlers } from './index.ts';

export const getOrder =
  ({ orders }: Pick<Deps, 'orders'>): OrderHandlers['getOrder'] =>
  async (ctx, { orderId }) => {
    const order = await orders.ofCaller(ctx, orderId);
    if (!order) throw orderNotFound(orderId);
    return { order: toMessage(order) };
  };
