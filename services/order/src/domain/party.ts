import type { Caller } from '@plaza/core';

import { sellersOf, type Order } from './order.ts';

/** What somebody is to an order: the buyer and admins speak for all of it, a seller for its own part. */
export type Party = { readonly kind: 'buyer' | 'admin' } | { readonly kind: 'seller'; readonly sellerId: string };

/** Undefined: a stranger, for whom there is no such order. */
export const partyOf = (caller: Caller, order: Order): Party | undefined => {
  if (caller.kind === 'admin') return { kind: 'admin' };
  if (caller.kind !== 'user') return undefined;
  if (caller.userId === order.userId) return { kind: 'buyer' };
  return sellersOf(order).includes(caller.userId) ? { kind: 'seller', sellerId: caller.userId } : undefined;
};

/** A seller has nothing to do with an order before it is paid for, nor with one that never was. */
export const mayRead = (caller: Caller, order: Order): boolean => {
  const party = partyOf(caller, order);
  return party !== undefined && (party.kind !== 'seller' || wasPaid(order));
};

const wasPaid = ({ state }: Order): boolean => ['PAID', 'SHIPPED', 'DELIVERED', 'REFUNDED'].includes(state);
