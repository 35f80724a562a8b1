import type { ProductClients, UserClients } from '@plaza/clients';
import { crashPoint, moneyOf, type Context } from '@plaza/core';

import { payoutsOf, type Failure, type Order } from '../domain/order.ts';
import { refusalOf } from '../domain/refusal.ts';
import type { Step } from '../domain/saga.ts';
import type { OrderStore } from '../store/order-store.ts';
import type { SagaStore } from '../store/saga-store.ts';

export interface StepDeps {
  readonly orders: Pick<OrderStore, 'get' | 'reserved' | 'paid' | 'failed'>;
  readonly sagas: Pick<SagaStore, 'settle'>;
  readonly inventory: Pick<ProductClients['inventory'], 'reserveStock' | 'commitReservation' | 'releaseReservation'>;
  readonly wallets: Pick<UserClients['wallets'], 'placeHold' | 'captureHold' | 'releaseHold'>;
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

/** Every call carries the order's id as its request id: the peers know a repetition by it for 48 hours, and by the order for ever. */
export const createSteps = ({ orders, sagas, inventory, wallets }: StepDeps): Record<Step, RunStep> => {
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
      const { orderId, userId } = order;
      const hold = { orderId, userId, amount: moneyOf(order.total), requestId: orderId };
      const broke = await refusalBy(wallets.placeHold(ctx, hold));
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
      const { orderId } = order;
      const payouts = payoutsOf(order).map(({ userId, amount }) => ({ userId, amount: moneyOf(amount) }));
      await wallets.captureHold(ctx, { orderId, payouts, requestId: orderId });
      crashPoint('order.after-capture');
      return settle(ctx, order);
    },

    refund: () => Promise.reject(new Error('no refunds yet')),

    'give-back': async (ctx, order) => {
      const { orderId } = order;
      await wallets.releaseHold(ctx, { orderId, requestId: orderId });
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
