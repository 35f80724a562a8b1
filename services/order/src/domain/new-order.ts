import { idTime, MAX_MINOR, type Amount } from '@plaza/core';

import { isCountry } from './country.ts';
import {
  emptyOrder,
  mixedCurrencies,
  ownProduct,
  productNotFound,
  tooManySellers,
  tooManyUnits,
  totalTooLarge,
  unknownCountry,
} from './errors.ts';
import type { Order, OrderLine } from './order.ts';
import { assertShownPrices } from './shown-prices.ts';
import { mergeLines, pathsOf, type Wish } from './wish.ts';

/** A product as the catalogue sells it now. */
export interface Offer {
  readonly productId: string;
  readonly sellerId: string;
  readonly name: string;
  readonly price: Amount;
}

export interface DisplayedOffer extends Offer {
  /** Units that can be bought, as displayed: it may be 5 s old. */
  readonly available: number;
}

/** One payout per seller and one for the hold must fit the transaction that captures it. */
const MAX_SELLERS = 40;
/** What one reservation line may ask for. */
export const MAX_UNITS = 1_000_000;

/** The order as it is accepted: PENDING, at the catalogue's prices. Throws the refusals of errors.ts. */
export const newOrder = (wish: Wish, catalogue: readonly Offer[], now: number): Order => {
  if (!isCountry(wish.address.countryCode)) throw unknownCountry();
  if (wish.lines.length === 0) throw emptyOrder(wish.fromCart ? 'from_cart' : 'lines');
  const lines = priced(wish, catalogue);
  assertSellers(wish, lines);
  const total = totalOf(wish, lines);
  assertShownPrices(wish, lines, total);
  return {
    orderId: wish.orderId,
    userId: wish.userId,
    state: 'PENDING',
    lines,
    total,
    address: wish.address,
    sharePurchase: wish.sharePurchase || undefined,
    attributedPostId: wish.attributedPostId || undefined,
    version: 1,
    lease: 0,
    // The id's own time, so that a range of times is a range of ids.
    createdAt: idTime(wish.orderId),
    updatedAt: now,
  };
};

const priced = (wish: Wish, catalogue: readonly Offer[]): OrderLine[] => {
  const offers = new Map(catalogue.map((offer) => [offer.productId, offer]));
  const lines = mergeLines(wish.lines);
  const missing = lines.filter(({ productId }) => !offers.has(productId)).map(({ productId }) => productId);
  if (missing.length > 0) throw productNotFound(missing, pathsOf(wish, missing, '.product_id'));
  return lines.map(({ productId, quantity }) => {
    if (quantity > MAX_UNITS) throw tooManyUnits(productId, MAX_UNITS, pathsOf(wish, [productId], '.quantity'));
    const { sellerId, name, price } = offers.get(productId)!;
    return { productId, sellerId, name, quantity, unitPrice: price };
  });
};

const assertSellers = (wish: Wish, lines: readonly OrderLine[]): void => {
  const own = lines.filter(({ sellerId }) => sellerId === wish.userId).map(({ productId }) => productId);
  if (own.length > 0) throw ownProduct(own, pathsOf(wish, own, '.product_id'));
  const allowed = new Set([...new Set(lines.map(({ sellerId }) => sellerId))].slice(0, MAX_SELLERS));
  const beyond = lines.filter(({ sellerId }) => !allowed.has(sellerId)).map(({ productId }) => productId);
  if (beyond.length > 0) throw tooManySellers(MAX_SELLERS, pathsOf(wish, beyond));
};

/** Line totals may leave the safe integers before the limit is checked, so that they are added as bigint. */
const totalOf = (wish: Wish, lines: readonly OrderLine[]): Amount => {
  const { currency } = lines[0]!.unitPrice;
  const others = lines.filter(({ unitPrice }) => unitPrice.currency !== currency);
  if (others.length > 0) {
    const currencies = new Set(lines.map(({ unitPrice }) => unitPrice.currency));
    const productIds = others.map(({ productId }) => productId);
    throw mixedCurrencies([...currencies], pathsOf(wish, productIds));
  }
  const minor = lines.reduce((sum, { quantity, unitPrice }) => sum + BigInt(quantity) * BigInt(unitPrice.minor), 0n);
  if (minor > BigInt(MAX_MINOR)) throw totalTooLarge(MAX_MINOR);
  return { currency, minor: Number(minor) };
};
