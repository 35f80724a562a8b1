import type { Caller } from '@plaza/core';

import { illegalTransition, orderNotFound } from './errors.ts';
import { sellersOf, type Order, type OrderState, type Parcel } from './order.ts';
import { partyOf } from './party.ts';

/** One parcel that is sent, or has arrived. */
export interface Leg {
  readonly kind: 'SHIPPED' | 'DELIVERED';
  readonly sellerId: string;
  readonly parcel: Parcel;
}

/** Sellers with something left to send: units that were not refunded. */
const owingSellers = ({ lines }: Pick<Order, 'lines'>): string[] =>
  sellersOf({ lines: lines.filter(({ quantity, refunded = 0 }) => refunded < quantity) });

/** Where a paid order stands, by its parcels and refunds alone. */
export const standingOf = ({ lines, parcels = {} }: Pick<Order, 'lines' | 'parcels'>): OrderState => {
  const owing = owingSellers({ lines });
  if (owing.length === 0) return 'REFUNDED';
  if (!owing.every((sellerId) => parcels[sellerId])) return 'PAID';
  return owing.every((sellerId) => parcels[sellerId]?.deliveredAt !== undefined) ? 'DELIVERED' : 'SHIPPED';
};

export const afterLeg = ({ lines, parcels }: Order, { sellerId, parcel }: Leg): Pick<Order, 'state' | 'parcels'> => {
  const next = { ...parcels, [sellerId]: parcel };
  return { state: standingOf({ lines, parcels: next }), parcels: next };
};

/**
 * The parcels to send; none if all that are meant were sent before. No `sellerId`: the caller's own, and for an admin all that are left.
 * @throws NOT_FOUND ORDER_NOT_FOUND to whom it does not sell for, FAILED_PRECONDITION ILLEGAL_TRANSITION
 */
export const legsToShip = (
  order: Order,
  caller: Caller,
  sellerId: string,
  label: Pick<Parcel, 'carrier' | 'trackingNumber'>,
  now: number,
): Leg[] => {
  const party = partyOf(caller, order);
  if (party === undefined || party.kind === 'buyer') throw orderNotFound(order.orderId);
  const owing = owingSellers(order);
  const meant = sellersMeant(order, party, sellerId) ?? owing;
  const unsent = meant.filter((seller) => !order.parcels?.[seller]);
  if (meant.length > 0 && unsent.length === 0) return [];
  if (order.state !== 'PAID' || unsent.some((seller) => !owing.includes(seller))) throw illegalTransition(order.state);
  return unsent.map((seller) => ({ kind: 'SHIPPED', sellerId: seller, parcel: { ...label, shippedAt: now } }));
};

/**
 * The parcels that arrive; none if all that are meant arrived before. No `sellerId`: all that were sent, of those the caller speaks for.
 * @throws NOT_FOUND ORDER_NOT_FOUND to a stranger, FAILED_PRECONDITION ILLEGAL_TRANSITION
 */
export const legsToDeliver = (order: Order, caller: Caller, sellerId: string, now: number): Leg[] => {
  const party = partyOf(caller, order);
  if (party === undefined) throw orderNotFound(order.orderId);
  const { parcels = {}, state } = order;
  const named = sellersMeant(order, party, sellerId);
  const meant = named ?? Object.keys(parcels).sort();
  const unsent = meant.filter((seller) => !parcels[seller]);
  if (!isStanding(state) && state !== 'REFUNDED') throw illegalTransition(state);
  if (unsent.length > 0 || meant.length === 0) throw illegalTransition(state, named ?? owingSellers(order));
  const waiting = meant.filter((seller) => parcels[seller]?.deliveredAt === undefined);
  if (waiting.length > 0 && state === 'REFUNDED') throw illegalTransition(state);
  return waiting.map((seller) => ({
    kind: 'DELIVERED',
    sellerId: seller,
    parcel: { ...parcels[seller]!, deliveredAt: now },
  }));
};

/** Paid for, and not wholly refunded. */
export const isStanding = (state: OrderState): boolean => state === 'PAID' || state === 'SHIPPED' || state === 'DELIVERED';

/** The seller that is named, or that calls; undefined when buyer or admin name none. */
const sellersMeant = (order: Order, party: NonNullable<ReturnType<typeof partyOf>>, sellerId: string): string[] | undefined => {
  const own = party.kind === 'seller' ? party.sellerId : undefined;
  const meant = sellerId === '' ? own : sellerId;
  if (meant === undefined) return undefined;
  if ((own !== undefined && meant !== own) || !sellersOf(order).includes(meant)) throw orderNotFound(order.orderId);
  return [meant];
};
