import type { Amount } from '@plaza/core';

import { priceChanged } from './errors.ts';
import type { OrderLine } from './order.ts';
import { blamed, type Wish, type WishLine } from './wish.ts';

/**
 * The buyer pays what the buyer was shown. What a cart remembers decides nothing: GetCart has shown the prices of now since, and the
 * expected total is of that; it only tells which prices moved.
 * @throws PRICE_CHANGED
 */
export const assertShownPrices = (wish: Wish, lines: readonly OrderLine[], total: Amount): void => {
  const { expectedTotal, fromCart = false } = wish;
  const prices = new Map(lines.map(({ productId, unitPrice }) => [productId, unitPrice]));
  const isMoved = ({ productId, shownPrice }: WishLine) =>
    shownPrice !== undefined && !isSame(shownPrice, prices.get(productId)!);
  const moved = wish.lines.filter(isMoved);
  const isOther = expectedTotal !== undefined && !isSame(expectedTotal, total);
  if (!isOther && (fromCart || moved.length === 0)) return;
  const known = new Set(wish.lines.flatMap(({ productId, shownPrice }) => (shownPrice ? [productId] : [])));
  const suspects = moved.length > 0 ? moved : wish.lines.filter(({ productId }) => !known.has(productId));
  throw priceChanged({
    total,
    expectedTotal,
    prices: suspects.map(({ productId, shownPrice }) => ({ productId, now: prices.get(productId)!, before: shownPrice })),
    fields: [...(isOther ? ['expected_total'] : []), ...(fromCart ? [] : blamed(wish, isMoved))],
  });
};

const isSame = (a: Amount, b: Amount): boolean => a.currency === b.currency && a.minor === b.minor;
