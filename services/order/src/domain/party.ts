import type { Caller } from '@plaza/core';

import { sellersOf, type Order } from './order.ts';

/** What somebody is to an order: the buyer and admins speak for all of it, a seller for its own part. */
export type Party = { readonly kind: 'buyer' | 'admin' } | { readonly kind: 'seller'; readonly sellerId: string };

/**
 * Undefined: a stranger, for whom there is no such order. Before an order is paid for, and if it never was, its sellers are
 * strangers too.
 */
export const partyOf = (caller: Caller, order: Order): Party | undefined => {
  if (caller.kind === 'admin') return { kind: 'admin' };
  if (caller.kind !== 'user') return undefined;
  if (caller.userId === order.userId) return { kind: 'buyer' };
  return wasPaid(order) && sellersOf(order).includes(caller.userId) ? { kind: 'seller', sellerId: caller.userId } : undefined;
};

const wasPaid = ({ state }: Order): boolean => ['PAID', 'SHIPPED', 'DELIVERED', 'REFUNDED'].includes(state);
