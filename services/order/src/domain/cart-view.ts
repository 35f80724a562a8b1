import { MAX_MINOR, type Amount } from '@plaza/core';

import type { CartItem, CartItems } from './cart.ts';
import type { DisplayedOffer } from './new-order.ts';

/** An item beside what the catalogue says of it. */
interface CartLine {
  readonly productId: string;
  readonly item: CartItem;
  /** Undefined: the product is gone. */
  readonly offer: DisplayedOffer | undefined;
  /** Undefined when it is gone, or costs more than an order may. */
  readonly total: Amount | undefined;
}

export interface CartView {
  /** The one that was added first is first. */
  readonly lines: readonly CartLine[];
  /** One for each currency, by its code, without those that cost more than an order may. */
  readonly totals: readonly Amount[];
}

/** The cart at the prices of now. What is gone costs nothing. */
export const viewOf = (items: CartItems, catalogue: readonly DisplayedOffer[]): CartView => {
  const offers = new Map(catalogue.map((offer) => [offer.productId, offer]));
  const sums = new Map<string, bigint>();
  const lines = Object.entries(items)
    .toSorted(([idA, a], [idB, b]) => a.addedAt - b.addedAt || (idA < idB ? -1 : 1))
    .map(([productId, item]): CartLine => {
      const offer = offers.get(productId);
      if (!offer) return { productId, item, offer, total: undefined };
      const { currency, minor } = offer.price;
      // Beyond the safe integers before the limit is checked.
      const total = BigInt(item.quantity) * BigInt(minor);
      sums.set(currency, (sums.get(currency) ?? 0n) + total);
      return { productId, item, offer, total: bounded(currency, total) };
    });
  const totals = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([currency, sum]) => bounded(currency, sum) ?? []);
  return { lines, totals };
};

const bounded = (currency: string, minor: bigint): Amount | undefined =>
  minor > BigInt(MAX_MINOR) ? undefined : { currency, minor: Number(minor) };
