import { MAX_MINOR, type Amount } from '@plaza/core';

import {
  emptyOrder,
  mixedCurrencies,
  ownProduct,
  priceChanged,
  productNotFound,
  tooManySellers,
  tooManyUnits,
  totalTooLarge,
} from './errors.ts';
import type { Address, Order, OrderLine } from './order.ts';

export interface WishLine {
  readonly productId: string;
  readonly quantity: number;
}

/** What the buyer asks for. No price is taken from it: `expectedTotal` only says what the buyer was shown. */
export interface Wish {
  readonly orderId: string;
  readonly userId: string;
  readonly lines: readonly WishLine[];
  readonly address: Address;
  readonly expectedTotal?: Amount | undefined;
}

/** A product as the catalogue sells it now. */
export interface Offer {
  readonly productId: string;
  readonly sellerId: string;
  readonly name: string;
  readonly price: Amount;
}

/** One payout per seller and one for the hold must fit the transaction that captures it. */
const MAX_SELLERS = 40;
/** What one reservation line may ask for. */
const MAX_UNITS = 1_000_000;

/** Equal products are one line: DynamoDB refuses one stock row twice, and two lines could not see each other. */
export const mergeLines = (lines: readonly WishLine[]): WishLine[] => {
  const merged = new Map<string, number>();
  for (const { productId, quantity } of lines) merged.set(productId, (merged.get(productId) ?? 0) + quantity);
  return [...merged].map(([productId, quantity]) => ({ productId, quantity }));
};

/** The order as it is accepted: PENDING, at the catalogue's prices. Throws the refusals of errors.ts. */
export const newOrder = (wish: Wish, catalogue: readonly Offer[], now: number): Order => {
  if (wish.lines.length === 0) throw emptyOrder();
  const lines = priced(mergeLines(wish.lines), catalogue);
  const own = lines.filter(({ sellerId }) => sellerId === wish.userId);
  if (own.length > 0) throw ownProduct(own.map(({ productId }) => productId));
  if (new Set(lines.map(({ sellerId }) => sellerId)).size > MAX_SELLERS) throw tooManySellers(MAX_SELLERS);
  const total = totalOf(lines);
  const { expectedTotal: shown } = wish;
  if (shown && (shown.currency !== total.currency || shown.minor !== total.minor)) throw priceChanged(total, lines);
  return {
    orderId: wish.orderId,
    userId: wish.userId,
    state: 'PENDING',
    lines,
    total,
    address: wish.address,
    version: 1,
    lease: 0,
    createdAt: now,
    updatedAt: now,
  };
};

const priced = (lines: readonly WishLine[], catalogue: readonly Offer[]): OrderLine[] => {
  const offers = new Map(catalogue.map((offer) => [offer.productId, offer]));
  const missing = lines.filter(({ productId }) => !offers.has(productId));
  if (missing.length > 0) throw productNotFound(missing.map(({ productId }) => productId));
  return lines.map(({ productId, quantity }) => {
    if (quantity > MAX_UNITS) throw tooManyUnits(productId, MAX_UNITS);
    const { sellerId, name, price } = offers.get(productId)!;
    return { productId, sellerId, name, quantity, unitPrice: price };
  });
};

/** Line totals may leave the safe integers before the limit is checked, so that they are added as bigint. */
const totalOf = (lines: readonly OrderLine[]): Amount => {
  const currencies = new Set(lines.map(({ unitPrice }) => unitPrice.currency));
  if (currencies.size > 1) throw mixedCurrencies([...currencies]);
  const minor = lines.reduce((sum, { quantity, unitPrice }) => sum + BigInt(quantity) * BigInt(unitPrice.minor), 0n);
  if (minor > BigInt(MAX_MINOR)) throw totalTooLarge(MAX_MINOR);
  return { currency: lines[0]!.unitPrice.currency, minor: Number(minor) };
};
