import { mirroredId } from '@plaza/core';
import { defineTable, shardOf, type Buckets, type Item, type Key } from '@plaza/dynamo';

import { cutWord } from '../domain/words.ts';

export const products = defineTable({
  name: 'products',
  // All of them propose and never decide: they lag behind the table, and the row itself says whether a product is still listed,
  // and where. So keys are enough.
  indexes: {
    byPrice: { pk: 'categoryKey', sk: 'priceKey', project: 'KEYS_ONLY' },
    byNewest: { pk: 'categoryKey', sk: 'productId', project: 'KEYS_ONLY' },
    bySellerPrice: { pk: 'sellerId', sk: 'priceKey', project: 'KEYS_ONLY' },
    // All that a seller ever listed, deleted products too; of all rows only META has both attributes.
    bySeller: { pk: 'sellerId', sk: 'productId', project: 'KEYS_ONLY' },
    // Reservations that stand, by the end of their time.
    byDue: { pk: 'dueShard', sk: 'dueKey', project: 'KEYS_ONLY' },
  },
});

export const keys = {
  product: (productId: string) => ({ pk: `P#${productId}`, sk: 'META' }),
  // Apart from META: every order writes it, and readers of the product must not pay for that.
  stock: (productId: string) => ({ pk: `P#${productId}`, sk: 'STOCK' }),
  // What changed a product's units on hand, oldest first.
  movement: (productId: string, movementId: string) => ({ pk: `P#${productId}`, sk: `MV#${movementId}` }),
  reservation: (orderId: string) => ({ pk: `R#${orderId}`, sk: 'RESERVATION' }),
  // How far the erasure of a person has come.
  erasure: (userId: string) => ({ pk: `ERASED#${userId}`, sk: 'ERASED' }),
  // What search and category counts know of a product.
  projection: (productId: string) => ({ pk: `P#${productId}`, sk: 'PROJECTION' }),
  // How much a product was wanted, ever.
  popularity: (productId: string) => ({ pk: `P#${productId}`, sk: 'POPULARITY' }),
  // A word of a product: within a word its names come first, then the popular, then the new. A space sorts below all letters, so
  // that a word comes before those that it begins.
  word: ({ word, inName, step, productId }: { word: string; inName: boolean; step: number; productId: string }) => ({
    pk: wordPartition(word),
    sk: `${word} ${inName ? 0 : 1}${String(99 - step).padStart(2, '0')} ${mirroredId(productId)}`,
  }),
  // How many products are listed in a category, in one of its parts: one row would be the bottleneck of an import.
  categoryCount: (category: string, productId: string) => ({
    pk: countShards[shardOf(productId, COUNT_SHARDS)]!,
    sk: category,
  }),
  // A person's saved products: whether, in which order, and the other way round.
  save: (userId: string, productId: string) => ({ pk: `SAVE#${userId}`, sk: `P#${productId}` }),
  saveOrder: (userId: string, saveId: string) => ({ pk: `SAVE#${userId}`, sk: `S#${saveId}` }),
  saver: (productId: string, userId: string) => ({ pk: `SAVERS#${productId}`, sk: `U#${userId}` }),
};

/** How much products were wanted within spans of time. */
export const wanted: Buckets = { table: products, prefix: 'W' };

/** Words that begin alike stand together, so that a prefix of two characters or more is one stretch. A single one is a whole word. */
export const wordPartition = (word: string): string => `T#${cutWord(word, 2)}`;

/** What was made into the key of a word. */
export const wordParts = (sk: string): { word: string; inName: boolean; step: number; productId: string } => {
  const [word = '', place = '', id = ''] = sk.split(' ');
  return { word, inName: place.startsWith('0'), step: 99 - Number(place.slice(1)), productId: mirroredId(id) };
};

const COUNT_SHARDS = 8;

export const countShards: readonly string[] = Array.from({ length: COUNT_SHARDS }, (_, shard) => `CATS#${shard}`);

const DUE_SHARDS = 4;

/** Partitions of the index of standing reservations. */
export const dueShards: readonly string[] = Array.from({ length: DUE_SHARDS }, (_, shard) => `DUE#${shard}`);

/** Index attributes of a reservation that stands. */
export const dueKeys = (orderId: string, reservedUntil: number) => ({
  dueShard: dueShards[shardOf(orderId, DUE_SHARDS)]!,
  dueKey: `${String(reservedUntil).padStart(MILLIS_DIGITS, '0')}#${orderId}`,
});

/** What a due key was made of. */
export const dueParts = (key: string): { orderId: string; reservedUntil: number } => ({
  orderId: key.slice(MILLIS_DIGITS + 1),
  reservedUntil: Number(key.slice(0, MILLIS_DIGITS)),
});

/** Whatever was due at that time or before sorts below it. */
export const dueBy = (at: number): string => String(at + 1).padStart(MILLIS_DIGITS, '0');

// Enough for any safe integer.
const MILLIS_DIGITS = 16;

/** The currency is part of the partition: amounts of two currencies have no order. */
export const categoryKey = (category: string, currency: string): string => `C#${category}#${currency}`;

// The largest price has 13 digits; 16 hold any safe integer.
const PRICE_DIGITS = 16;

/** Lower bound of all products of a price and above: `<padded price>` sorts before every `<padded price>#<id>`. */
export const priceFloor = (minor: number): string => String(minor).padStart(PRICE_DIGITS, '0');

/** Sorts by price, then by id, as text. */
export const priceKey = (minor: number, productId: string): string => `${priceFloor(minor)}#${productId}`;

/** What a price key was made of. */
export const priceParts = (key: string): { minor: number; productId: string } => ({
  minor: Number(key.slice(0, PRICE_DIGITS)),
  productId: key.slice(PRICE_DIGITS + 1),
});

/** The domain object in a row. Rows are written by this service alone, so their shape is taken on trust. */
export const contentOf = <T>(item: Item): T => {
  const content: Record<string, unknown> = { ...item };
  for (const attribute of KEY_ATTRIBUTES) delete content[attribute];
  return content as T;
};

const KEY_ATTRIBUTES: readonly string[] = ['pk', 'sk', 'categoryKey', 'priceKey', 'dueShard', 'dueKey', 'expiresAt'];

/** A row's key alone. */
export const keyOf = ({ pk, sk }: Key): Key => ({ pk, sk });
