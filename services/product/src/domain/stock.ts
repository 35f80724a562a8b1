import type { Caller } from '@plaza/core';

import { insufficientStock, productInactive, productNotFound } from './errors.ts';
import { isManagedBy, type Product } from './product.ts';

/** available = onHand − reserved, kept beside them because a table condition cannot subtract. None is ever below zero. */
export type Stock = {
  readonly productId: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
  readonly version: number;
  /** Set while the product is deleted or erased: orders cannot take of it, and nobody corrects it. */
  readonly inactiveAt?: number | undefined;
};

export type StockLine = { readonly productId: string; readonly quantity: number };

/** What moving one unit does to the three numbers; each move keeps available = onHand − reserved. */
export interface Move {
  readonly onHand: -1 | 0 | 1;
  readonly reserved: -1 | 0 | 1;
  readonly available: -1 | 0 | 1;
}

export const moves = {
  /** From the shelf into an order's hands. */
  reserve: { onHand: 0, reserved: 1, available: -1 },
  /** Sold: out of the house. */
  commit: { onHand: -1, reserved: -1, available: 0 },
  /** A reservation given up. */
  release: { onHand: 0, reserved: -1, available: 1 },
  /** A sale taken back. */
  restock: { onHand: 1, reserved: 0, available: 1 },
} as const satisfies Record<string, Move>;

/** What it means to those who wait for a product, or have it in view, that this many units can be had instead of that many. */
export type Turn = 'DEPLETED' | 'RESTOCKED';

export const turnOf = (before: number, after: number): Turn | undefined => {
  if (before > 0 && after === 0) return 'DEPLETED';
  return before === 0 && after > 0 ? 'RESTOCKED' : undefined;
};

/** Whether the stock cannot give what the line takes, of any of the three numbers. Only orders that take are kept off a deleted product. */
export const isShort = (stock: Stock | undefined, move: Move, quantity: number): boolean =>
  stock === undefined ||
  (move.available < 0 && stock.inactiveAt !== undefined) ||
  stock.onHand + move.onHand * quantity < 0 ||
  stock.reserved + move.reserved * quantity < 0 ||
  stock.available + move.available * quantity < 0;

export const newStock = (productId: string, units: number): Stock => ({
  productId,
  onHand: units,
  reserved: 0,
  available: units,
  version: 1,
});

/**
 * The stock after a seller's correction. Who is neither the seller nor an admin learns no more than that of a missing product.
 * Throws PRODUCT_NOT_FOUND, PRODUCT_INACTIVE, and INSUFFICIENT_STOCK with what is left: reserved units belong to their orders.
 */
export const adjusted = (
  productId: string,
  product: Product | undefined,
  stock: Stock | undefined,
  caller: Caller,
  delta: number,
): Stock => {
  if (!product || !stock || !isManagedBy(product, caller)) throw productNotFound([productId]);
  if (stock.inactiveAt !== undefined) throw productInactive([productId]);
  if (stock.available + delta < 0) throw insufficientStock([{ productId, quantity: stock.available }]);
  return { ...stock, onHand: stock.onHand + delta, available: stock.available + delta, version: stock.version + 1 };
};

/**
 * What may be told of a product's stock: everything to those who manage it; to services, as long as it is for sale.
 * @throws NOT_FOUND PRODUCT_NOT_FOUND
 */
export const stockToTell = (productId: string, product: Product | undefined, stock: Stock | undefined, caller: Caller): Stock => {
  const told =
    product && stock && (isManagedBy(product, caller) || (caller.kind === 'service' && stock.inactiveAt === undefined));
  if (!told) throw productNotFound([productId]);
  return stock;
};

/** Products of which at most so many units can be had run low, unless they are not for sale anyway. */
export const isLow = ({ available, inactiveAt }: Stock, threshold: number): boolean =>
  inactiveAt === undefined && available <= threshold;

/** Equal products merged, in the order of their ids, so that equal wishes are equal lists and no row is touched twice. */
export const mergeLines = (lines: readonly StockLine[]): StockLine[] => {
  const merged = new Map<string, number>();
  for (const { productId, quantity } of lines) merged.set(productId, (merged.get(productId) ?? 0) + quantity);
  return [...merged]
    .map(([productId, quantity]) => ({ productId, quantity }))
    .toSorted((a, b) => (a.productId < b.productId ? -1 : 1));
};

/** A line that could not be reserved, with the stock that refused it. */
export interface ShortLine {
  readonly productId: string;
  readonly stock: Stock | undefined;
}

/** Names what is wrong with the short lines: unknown products first, then deleted ones, because no waiting helps there. */
export const shortageOf = (short: readonly ShortLine[]) => {
  const unknown = short.filter(({ stock }) => stock === undefined).map(({ productId }) => productId);
  if (unknown.length > 0) return productNotFound(unknown);
  const inactive = short.filter(({ stock }) => stock?.inactiveAt !== undefined).map(({ productId }) => productId);
  if (inactive.length > 0) return productInactive(inactive);
  return insufficientStock(short.map(({ productId, stock }) => ({ productId, quantity: stock?.available ?? 0 })));
};

/** What the stock says, and what a recount finds. */
export interface StockCount {
  readonly stock: Stock;
  readonly countedOnHand: number;
  readonly countedReserved: number;
  readonly agrees: boolean;
  /** The stock moved while it was counted: what differs says nothing. */
  readonly moving: boolean;
}
