import { moneyOf, type Context } from '@plaza/core';
import { orderCancelled, orderCreated, orderFailed, orderPaid, outboxRow, type OutboxRow } from '@plaza/events';

import type { Order } from '../domain/order.ts';

/** The event that tells of the order having come into its state; RESERVED concerns nobody else. */
export const eventsOf = (ctx: Context, order: Order): OutboxRow[] => {
  const { orderId, userId, state, version, updatedAt } = order;
  const about = { aggregateId: orderId, version, at: updatedAt, trace: ctx.trace };
  switch (state) {
    case 'PENDING': {
      const created = { orderId, userId, total: moneyOf(order.total), createTime: new Date(order.createdAt) };
      return [outboxRow(orderCreated, created, about)];
    }
    case 'RESERVED':
      return [];
    case 'PAID': {
      const lines = order.lines.map(({ productId, sellerId, quantity }) => ({ productId, sellerId, quantity: BigInt(quantity) }));
      return [outboxRow(orderPaid, { orderId, userId, lines, total: moneyOf(order.total) }, about)];
    }
    case 'FAILED':
      return [outboxRow(orderFailed, { orderId, userId, reason: order.failure?.reason ?? '' }, about)];
    case 'CANCELLED':
      return [outboxRow(orderCancelled, { orderId, userId }, about)];
  }
};
