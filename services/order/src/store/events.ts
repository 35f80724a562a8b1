import { moneyOf, unreachable, type Context } from '@plaza/core';
import {
  orderCancelled,
  orderCreated,
  orderDelivered,
  orderFailed,
  orderPaid,
  orderRefunded,
  orderShipped,
  outboxRow,
  purchaseUnshared,
  type OutboxRow,
} from '@plaza/events';

import type { Happening } from '../domain/history.ts';
import type { Order, OrderLine } from '../domain/order.ts';

/** The event that tells of what happened to the order; what concerns nobody else has none. */
export const eventsOf = (ctx: Context, order: Order, { kind, sellerId = '', refund }: Happening): OutboxRow[] => {
  const { orderId, userId, state, version, updatedAt } = order;
  const about = { aggregateId: orderId, version, at: updatedAt, trace: ctx.trace };
  switch (kind) {
    case 'CREATED': {
      const created = { orderId, userId, total: moneyOf(order.total), createTime: new Date(order.createdAt) };
      return [outboxRow(orderCreated, created, about)];
    }
    case 'PAID': {
      const { attributedPostId = '' } = order;
      const paid = { orderId, userId, lines: order.lines.map(paidLine), total: moneyOf(order.total), attributedPostId };
      return [outboxRow(orderPaid, paid, about)];
    }
    case 'FAILED':
      return [outboxRow(orderFailed, { orderId, userId, reason: order.failure?.reason ?? '' }, about)];
    case 'CANCELLED':
      return [outboxRow(orderCancelled, { orderId, userId }, about)];
    case 'SHIPPED': {
      const carrier = order.parcels?.[sellerId]?.carrier ?? '';
      return [outboxRow(orderShipped, { orderId, userId, sellerId, carrier, complete: state === 'SHIPPED' }, about)];
    }
    case 'DELIVERED':
      return [outboxRow(orderDelivered, { orderId, userId, sellerId, complete: state === 'DELIVERED' }, about)];
    case 'REFUNDED': {
      if (!refund) throw new Error(`order ${orderId} was refunded without a refund`);
      const { refundId, amount } = refund;
      const back = new Map(refund.lines.map(({ productId, quantity }) => [productId, quantity]));
      const lines = order.lines.flatMap((line) => {
        const quantity = back.get(line.productId);
        return quantity === undefined ? [] : [paidLine({ ...line, quantity })];
      });
      const complete = state === 'REFUNDED';
      return [outboxRow(orderRefunded, { orderId, userId, refundId, lines, amount: moneyOf(amount), complete, state }, about)];
    }
    case 'UNSHARED':
      return [outboxRow(purchaseUnshared, { orderId, userId }, about)];
    case 'RESERVED':
    case 'REFUND_REQUESTED':
    case 'REFUND_REFUSED':
      return [];
    default:
      return unreachable(kind);
  }
};

const paidLine = ({ productId, sellerId, quantity }: OrderLine) => ({ productId, sellerId, quantity: BigInt(quantity) });
