import { cartFull, cartItemNotFound, ownProduct, productNotFound, tooManyUnits } from './errors.ts';
import { MAX_UNITS, type Offer } from './new-order.ts';
import type { WishLine } from './wish.ts';

export type CartItem = {
  readonly quantity: number;
  /** Epoch milliseconds. */
  readonly addedAt: number;
  /** Of one unit, when it was added or last changed. */
  readonly price: { readonly currency: string; readonly minor: number };
};

/** By product. */
export type CartItems = Readonly<Record<string, CartItem>>;

export type Cart = {
  readonly items: CartItems;
  /** Epoch milliseconds; of no matter while it is empty. */
  readonly expiresAt: number;
};

/** What becomes of a cart, and the item that the call was about. */
export interface CartChange {
  readonly items: CartItems;
  readonly item: CartItem | null;
}

/** So many lines fit one order. */
export const MAX_ITEMS = 49;

/** Forgotten so long after its last change. */
export const CART_SECONDS = 30 * 24 * 3600;

export interface Wanted {
  readonly userId: string;
  readonly productId: string;
  readonly quantity: number;
}

/** With so many units more. @throws PRODUCT_NOT_FOUND, OWN_PRODUCT, CART_FULL, INVALID_FIELD */
export const withMore = (items: CartItems, wanted: Wanted, offer: Offer | undefined, now: number): CartChange => {
  const { userId, productId } = wanted;
  if (!offer) throw productNotFound([productId], ['product_id']);
  if (offer.sellerId === userId) throw ownProduct([productId], ['product_id']);
  const before = items[productId];
  if (!before && Object.keys(items).length >= MAX_ITEMS) throw cartFull(MAX_ITEMS);
  const quantity = (before?.quantity ?? 0) + wanted.quantity;
  if (quantity > MAX_UNITS) throw tooManyUnits(productId, MAX_UNITS, ['quantity']);
  return withItem(items, productId, { quantity, addedAt: before?.addedAt ?? now, price: offer.price });
};

/** With so many units of what is there. @throws CART_ITEM_NOT_FOUND, PRODUCT_NOT_FOUND */
export const withQuantity = (items: CartItems, { productId, quantity }: Wanted, offer: Offer | undefined): CartChange => {
  const before = items[productId];
  if (!before) throw cartItemNotFound(productId);
  if (!offer) throw productNotFound([productId], ['product_id']);
  return withItem(items, productId, { ...before, quantity, price: offer.price });
};

/** The same items if the product is not among them. */
export const without = (items: CartItems, productId: string): CartChange => {
  const { [productId]: gone, ...rest } = items;
  return { items: gone ? rest : items, item: null };
};

export const emptied = (): CartChange => ({ items: {}, item: null });

/** As lines of an order: the price is what the buyer saw then. */
export const linesOf = (items: CartItems): WishLine[] =>
  Object.entries(items).map(([productId, { quantity, price }]) => ({ productId, quantity, shownPrice: price }));

const withItem = (items: CartItems, productId: string, item: CartItem): CartChange => ({
  items: { ...items, [productId]: item },
  item,
});
