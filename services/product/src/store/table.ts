import { defineTable, type Item } from '@plaza/dynamo';

export const products = defineTable({
  name: 'products',
  indexes: {
    // A category, cheapest first. ALL, so that a page of the catalogue is one read.
    byPrice: { pk: 'categoryKey', sk: 'priceKey', project: 'ALL' },
    // What a seller ever listed, for the eraser; of all rows only META has both attributes.
    bySeller: { pk: 'sellerId', sk: 'productId', project: 'KEYS_ONLY' },
  },
});

export const keys = {
  product: (productId: string) => ({ pk: `P#${productId}`, sk: 'META' }),
  // Apart from META: every order writes it, and readers of the product must not pay for that.
  stock: (productId: string) => ({ pk: `P#${productId}`, sk: 'STOCK' }),
  // The audit trail of a product's corrections, oldest first.
  movement: (productId: string, movementId: string) => ({ pk: `P#${productId}`, sk: `MV#${movementId}` }),
  reservation: (orderId: string) => ({ pk: `R#${orderId}`, sk: 'RESERVATION' }),
  // How far the erasure of a person has come.
  erasure: (userId: string) => ({ pk: `ERASED#${userId}`, sk: 'ERASED' }),
};

/** The currency is part of the partition: amounts of two currencies have no order. */
export const categoryKey = (category: string, currency: string): string => `C#${category}#${currency}`;

// The largest price has 13 digits; 16 hold any safe integer.
const PRICE_DIGITS = 16;

/** Lower bound of all products of a price and above: `<padded price>` sorts before every `<padded price>#<id>`. */
export const priceFloor = (minor: number): string => String(minor).padStart(PRICE_DIGITS, '0');

/** Sorts by price, then by id, as text. */
export const priceKey = (minor: number, productId: string): string => `${priceFloor(minor)}#${productId}`;

/** The keys of a row of the index, from its place in it: what a query goes on after. */
export const indexRow = (category: string, price: string): Item => ({
  ...keys.product(price.slice(PRICE_DIGITS + 1)),
  categoryKey: category,
  priceKey: price,
});

/** The domain object in a row. Rows are written by this service alone, so their shape is taken on trust. */
export const contentOf = <T>(item: Item): T => {
  const { pk: _pk, sk: _sk, categoryKey: _category, priceKey: _price, ...content } = item;
  return content as T;
};
