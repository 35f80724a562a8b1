import type { Amount } from '@plaza/core';

/** PENDING → RESERVED → PAID; FAILED and CANCELLED give everything back. */
export type OrderState = 'PENDING' | 'RESERVED' | 'PAID' | 'FAILED' | 'CANCELLED';

export type OrderLine = {
  readonly productId: string;
  readonly sellerId: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice: Amount;
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
  /** Grows with every change of state. */
  readonly version: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Set when the buyer was erased: the address is blank for good. */
  readonly erasedAt?: number | undefined;
};

/** Stock and money are still being taken, so that the order can be called off or refused. */
export const isOpen = ({ state }: Order): boolean => state === 'PENDING' || state === 'RESERVED';

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
