import type { Amount } from '@plaza/core';

import type { Address } from './order.ts';

export interface WishLine {
  readonly productId: string;
  readonly quantity: number;
  /** What the buyer, or the buyer's cart, saw of one unit. */
  readonly shownPrice?: Amount | undefined;
}

/** What the buyer asks for. No price is taken from it: prices only say what the buyer was shown. */
export interface Wish {
  readonly orderId: string;
  readonly userId: string;
  readonly lines: readonly WishLine[];
  readonly address: Address;
  readonly expectedTotal?: Amount | undefined;
  /** The lines are the cart's. */
  readonly fromCart?: boolean | undefined;
  readonly sharePurchase?: boolean | undefined;
  readonly attributedPostId?: string | undefined;
}

/** Equal products are one line: DynamoDB refuses one stock row twice, and two lines could not see each other. */
export const mergeLines = (lines: readonly WishLine[]): WishLine[] => {
  const merged = new Map<string, number>();
  for (const { productId, quantity } of lines) merged.set(productId, (merged.get(productId) ?? 0) + quantity);
  return [...merged].map(([productId, quantity]) => ({ productId, quantity }));
};

/** Paths of the request's lines to which something applies. The lines of a cart are not in the request. */
export const blamed = (wish: Wish, applies: (line: WishLine) => boolean, part = ''): string[] =>
  wish.fromCart ? ['from_cart'] : wish.lines.flatMap((line, i) => (applies(line) ? [`lines[${i}]${part}`] : []));

/** Where the request names one of the products. */
export const pathsOf = (wish: Wish, productIds: readonly string[], part?: string): string[] =>
  blamed(wish, ({ productId }) => productIds.includes(productId), part);
