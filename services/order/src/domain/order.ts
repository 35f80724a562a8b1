import type { Amount, Caller } from '@plaza/core';

/**
 * PENDING → RESERVED → PAID → SHIPPED → DELIVERED. FAILED and CANCELLED leave before PAID and give everything back; REFUNDED leaves
 * after it, when all money went back.
 */
export const ORDER_STATES = ['PENDING', 'RESERVED', 'PAID', 'SHIPPED', 'DELIVERED', 'FAILED', 'CANCELLED', 'REFUNDED'] as const;

export type OrderState = (typeof ORDER_STATES)[number];

export type OrderLine = {
  readonly productId: string;
  readonly sellerId: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice: Amount;
  /** Units whose money went back. */
  readonly refunded?: number | undefined;
};

/** What one seller sends of an order. */
export type Parcel = {
  readonly carrier: string;
  readonly trackingNumber: string;
  /** Epoch milliseconds. */
  readonly shippedAt: number;
  readonly deliveredAt?: number | undefined;
};

export type RefundLine = { readonly productId: string; readonly quantity: number };

/** Money that is on its way back to the buyer. */
export type Refund = {
  readonly refundId: string;
  readonly lines: readonly RefundLine[];
  readonly amount: Amount;
  readonly note: string;
  /** The whole order, and nothing of it was sent: the units are sold to somebody else. */
  readonly restock: boolean;
};

export type Address = {
  readonly name: string;
  readonly lines: readonly string[];
  readonly postalCode: string;
  readonly city: string;
  readonly countryCode: string;
};

/** What stays of the address of an erased buyer. */
export const BLANK: Address = { name: '', lines: [], postalCode: '', city: '', countryCode: '' };

/** A refusal of the service that knows, kept as it was said. */
export type Failure = {
  readonly reason: string;
  readonly domain: string;
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
};

export type Order = {
  readonly orderId: string;
  readonly userId: string;
  readonly state: OrderState;
  readonly lines: readonly OrderLine[];
  readonly total: Amount;
  readonly address: Address;
  readonly failure?: Failure | undefined;
  /** By seller. */
  readonly parcels?: Readonly<Record<string, Parcel>> | undefined;
  /** The one that is under way. */
  readonly refund?: Refund | undefined;
  /** The buyer agreed with this order that followers see what was bought. */
  readonly sharePurchase?: boolean | undefined;
  /** The post that led here, as the buyer's client says. */
  readonly attributedPostId?: string | undefined;
  /** Grows with every entry of the history. */
  readonly version: number;
  /** Grows whenever somebody takes the order up: a worker that was too slow knows by it that the order is another's now. */
  readonly lease: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When the sellers were paid, or everything was given back. */
  readonly settledAt?: number | undefined;
  /** Set when the buyer was erased: the address is blank for good. */
  readonly erasedAt?: number | undefined;
};

/** Stock and money are still being taken, so that the order can be called off or refused. */
export const isOpen = ({ state }: Order): boolean => state === 'PENDING' || state === 'RESERVED';

export const sellersOf = ({ lines }: Pick<Order, 'lines'>): string[] =>
  [...new Set(lines.map(({ sellerId }) => sellerId))].sort();

/** How the history calls whoever did something. */
export const actorOf = (caller: Caller): string => {
  if (caller.kind === 'user') return `user:${caller.userId}`;
  return caller.kind === 'admin' ? 'admin' : '';
};

/** What one seller gets of a paid order. */
export interface Payout {
  readonly userId: string;
  readonly amount: Amount;
}

/** One payout per seller, in the order of their ids, so that every repetition asks for the same. */
export const payoutsOf = ({ lines, total }: Order): Payout[] => {
  const bySeller = new Map<string, number>();
  for (const { sellerId, quantity, unitPrice } of lines)
    bySeller.set(sellerId, (bySeller.get(sellerId) ?? 0) + quantity * unitPrice.minor);
  return [...bySeller]
    .map(([userId, minor]) => ({ userId, amount: { currency: total.currency, minor } }))
    .sort((a, b) => (a.userId < b.userId ? -1 : 1));
};

/** What went back to the buyer so far. */
export const refundedOf = ({ lines, total }: Order): Amount => ({
  currency: total.currency,
  minor: lines.reduce((sum, { refunded = 0, unitPrice }) => sum + refunded * unitPrice.minor, 0),
});
