import { orderNotFound } from '../domain/errors.ts';
import { toMessage } from '../mapping.ts';
import type { Deps, OrderHandlers } from './index.ts';

export const getOrder =
  ({ orders }: Pick<Deps, 'orders'>): OrderHandlers['getOrder'] =>
  async (ctx, { orderId }) => {
    // A user's own orders are keyed by the user: somebody else's are simply not there.
    const { caller } = ctx;
    const order = await (caller.kind === 'user' ? orders.get(ctx, caller.userId, orderId) : orders.find(ctx, orderId));
    if (!order) throw orderNotFound(orderId);
    return { order: toMessage(order) };
  };
