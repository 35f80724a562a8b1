import type { Order, OrderLine, Refund } from './order.ts';

/** The order as one of its sellers may see it: nothing of what the other sellers sold, and nothing of what concerns the buyer alone. */
export const seenBySeller = (order: Order, sellerId: string): Order => {
  const lines = order.lines.filter((line) => line.sellerId === sellerId);
  const minor = lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.minor, 0);
  const parcel = order.parcels?.[sellerId];
  return {
    ...order,
    lines,
    total: { currency: order.total.currency, minor },
    parcels: parcel && { [sellerId]: parcel },
    failure: undefined,
    refund: ownRefund(order, lines),
    sharePurchase: undefined,
    attributedPostId: undefined,
  };
};

const ownRefund = ({ refund }: Order, lines: readonly OrderLine[]): Refund | undefined =>
  refund?.lines.every(({ productId }) => lines.some((line) => line.productId === productId)) ? refund : undefined;
