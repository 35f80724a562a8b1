import { orderNotFound } from '../domain/errors.ts';
import { partyOf } from '../domain/party.ts';
import { toMessageFor } from '../mapping.ts';
import type { Deps, OrderHandlers } from './index.ts';

export const getOrder =
  ({ orders }: Pick<Deps, 'orders'>): OrderHandlers['getOrder'] =>
  async (ctx, { orderId }) => {
    const { caller } = ctx;
    // A user's own orders are keyed by the user; what is not there may be one that they sold.
    const own = caller.kind === 'user' ? await orders.get(ctx, caller.userId, orderId) : undefined;
    const order = own ?? (await orders.find(ctx, orderId));
    if (!order || !partyOf(caller, order)) throw orderNotFound(orderId);
    return { order: toMessageFor(caller, order) };
  };
