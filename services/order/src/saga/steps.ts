import type { ProductClients } from '@plaza/clients';
import { crashPoint, type Context } from '@plaza/core';

import { payoutsOf, type Failure, type Order } from '../domain/order.ts';
import { refundParts } from '../domain/refund.ts';
import { refusalOf } from '../domain/refusal.ts';
import type { Step } from '../domain/saga.ts';
import type { Payments } from '../payments/port.ts';
import type { OrderStore } from '../store/order-store.ts';
import type { RefundStore } from '../store/refund-store.ts';
import type { SagaStore } from '../store/saga-store.ts';

export interface StepDeps {
  readonly orders: Pick<OrderStore, 'get' | 'reserved' | 'paid' | 'failed'>;
  readonly refunds: Pick<RefundStore, 'done' | 'refused'>;
  readonly sagas: Pick<SagaStore, 'settle'>;
  readonly inventory: Pick<ProductClients['inventory'], 'reserveStock' | 'commitReservation' | 'releaseReservation'>;
  readonly payments: Payments;
}

/**
 * One step; answers the order as it is after it. May be repeated at any time, by anybody. Throws when an outcome is unknown: then it
 * is to be repeated.
 */
export type RunStep = (ctx: Context, order: Order) => Promise<Order>;

/**
 * How long the order counts on its reservation. Then product takes the units back, and whoever comes for them is refused
 * RESERVATION_EXPIRED: the order fails.
 */
const RESERVATION_SECONDS = 900;

/** The peers know a repetition by the order's id for ever; the stock also by the request id, which is the same, for 48 hours. */
export const createSteps = ({ orders, refunds, sagas, inventory, payments }: StepDeps): Record<Step, RunStep> => {
  /** Whoever lost a race goes on from what the winner wrote. */
  const after = async (ctx: Context, order: Order, moved: Order | undefined): Promise<Order> => {
    const next = moved ?? (await orders.get(ctx, order.userId, order.orderId));
    if (!next) throw new Error(`order ${order.orderId} is gone`);
    return next;
  };
  const fail = async (ctx: Context, order: Order, failure: Failure): Promise<Order> => {
    const failed = await after(ctx, order, await orders.failed(ctx, order, failure));
    crashPoint('order.after-failed');
    ctx.log.info('order.refused', { orderId: order.orderId, reason: failure.reason, domain: failure.domain });
    return failed;
  };
  const settle = async (ctx: Context, order: Order): Promise<Order> => after(ctx, order, await sagas.settle(ctx, order));

  return {
    reserve: async (ctx, order) => {
      const { orderId } = order;
      const lines = order.lines.map(({ productId, quantity }) => ({ productId, quantity: BigInt(quantity) }));
      const request = { orderId, lines, ttlSeconds: RESERVATION_SECONDS, requestId: orderId };
      const refusal = await refusalBy(inventory.reserveStock(ctx, request));
      if (refusal) return fail(ctx, order, refusal);
      crashPoint('order.after-reserve');
      const reserved = await after(ctx, order, await orders.reserved(ctx, order));
      crashPoint('order.after-reserved-state');
      return reserved;
    },

    pay: async (ctx, order) => {
      const { orderId, userId: payerId, total: amount } = order;
      const broke = await refusalBy(payments.authorise(ctx, { orderId, payerId, amount }));
      if (broke) return fail(ctx, order, broke);
      crashPoint('order.after-hold');
      const expired = await refusalBy(inventory.commitReservation(ctx, { orderId, requestId: orderId }));
      if (expired) return fail(ctx, order, expired);
      crashPoint('order.after-commit');
      const paid = await after(ctx, order, await orders.paid(ctx, order));
      crashPoint('order.after-paid');
      return paid;
    },

    capture: async (ctx, order) => {
      await payments.capture(ctx, { orderId: order.orderId, payees: payoutsOf(order) });
      crashPoint('order.after-capture');
      return settle(ctx, order);
    },

    refund: async (ctx, order) => {
      const { orderId, refund } = order;
      if (!refund) throw new Error(`order ${orderId} has no refund under way`);
      const { refundId, restock } = refund;
      const refusal = await refusalBy(payments.refund(ctx, { orderId, refundId, from: refundParts(order, refund) }));
      if (refusal) {
        const refused = await after(ctx, order, await refunds.refused(ctx, order, refusal));
        ctx.log.info('order.refund-refused', { orderId, refundId, reason: refusal.reason, domain: refusal.domain });
        return refused;
      }
      crashPoint('order.after-refund-paid');
      // Only after the money: a refund that is refused leaves the order, which may then be shipped.
      if (restock) await inventory.releaseReservation(ctx, { orderId, requestId: orderId });
      const refunded = await after(ctx, order, await refunds.done(ctx, order));
      crashPoint('order.after-refunded');
      return refunded;
    },

    'give-back': async (ctx, order) => {
      const { orderId } = order;
      await payments.void(ctx, { orderId });
      crashPoint('order.after-release-hold');
      await inventory.releaseReservation(ctx, { orderId, requestId: orderId });
      return settle(ctx, order);
    },
  };
};

const refusalBy = async (call: Promise<unknown>): Promise<Failure | undefined> => {
  try {
    await call;
    return undefined;
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal) return refusal;
    throw error;
  }
};
