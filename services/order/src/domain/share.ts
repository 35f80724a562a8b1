import type { Order } from './order.ts';

/**
 * Whether followers see a purchase: it waits until it is due, and then is shared or dropped. The buyer may withdraw it before and
 * after.
 */
export type ShareState = 'WAITING' | 'SHARED' | 'DROPPED' | 'WITHDRAWN';

/** A purchase on its way to the followers of the buyer. */
export type Share = {
  readonly orderId: string;
  readonly userId: string;
  readonly state: ShareState;
  /** Epoch milliseconds. */
  readonly paidAt: number;
};

/**
 * What may be shown of an order that is due: products that the buyer keeps, also if the refund that is under way comes to its end; and
 * nothing if either consent is gone.
 */
export const productsToShare = (order: Order | undefined, preference: boolean): string[] => {
  if (!order?.sharePurchase || !preference) return [];
  const going = new Map(order.refund?.lines.map(({ productId, quantity }) => [productId, quantity]));
  return order.lines
    .filter(({ productId, quantity, refunded = 0 }) => refunded + (going.get(productId) ?? 0) < quantity)
    .map(({ productId }) => productId);
};
