import { moneyOf, type Context, type Mutation } from '@plaza/core';
import { insert, requestRow, update, exists, type Item, type WriteOp } from '@plaza/dynamo';
import {
  outboxRow,
  priceChanged,
  productCreated,
  productDeleted,
  productRestored,
  productUpdated,
  type OutboxRow,
} from '@plaza/events';

import { isListed, type Listing, type Product, type ProductPath } from '../domain/product.ts';
import { newStock } from '../domain/stock.ts';
import { categoryKey, keys, priceKey, products } from './table.ts';

/** META; only what is listed has a place in the catalogue's indexes. */
export const productRow = (product: Product): Item => ({
  ...keys.product(product.productId),
  ...product,
  ...(isListed(product) && {
    categoryKey: categoryKey(product.category, product.price.currency),
    priceKey: priceKey(product.price.minor, product.productId),
  }),
});

/** Four rows, so that 25 products fill one transaction of 100. */
export const creation = (mutation: Mutation, listing: Listing, event: OutboxRow): WriteOp[] => [
  insert(products, productRow(listing.product)),
  insert(products, { ...keys.stock(listing.product.productId), ...newStock(listing.product.productId, listing.available) }),
  insert(products, event),
  requestRow(products, mutation, listing),
];

/** Whether orders may take of its stock. The version moves too: a correction that was decided on the stock of before is decided again. */
export const closeStock = (productId: string, at: number): WriteOp =>
  update(products, keys.stock(productId), { set: { inactiveAt: at }, add: { version: 1 } }, exists());

export const openStock = (productId: string): WriteOp =>
  update(products, keys.stock(productId), { remove: ['inactiveAt'], add: { version: 1 } }, exists());

const about = (ctx: Context, { productId, version, updatedAt }: Product) => ({
  aggregateId: productId,
  version,
  at: updatedAt,
  trace: ctx.trace,
});

export const createdEvent = (ctx: Context, { product, available }: Listing): OutboxRow => {
  const { productId, sellerId, category, price, createdAt } = product;
  const createTime = new Date(createdAt);
  const payload = { productId, sellerId, category, price: moneyOf(price), createTime, initialStock: BigInt(available) };
  return outboxRow(productCreated, payload, about(ctx, product));
};

/** What is told of a change: that there was one, and the price by itself. */
export const updatedEvents = (ctx: Context, before: Product, after: Product, changed: readonly ProductPath[]): OutboxRow[] => {
  const { productId, sellerId, category, price, updatedAt } = after;
  const time = new Date(updatedAt);
  const update = { productId, sellerId, mask: [...changed], category, price: moneyOf(price), updateTime: time };
  const prices = { productId, sellerId, oldPrice: moneyOf(before.price), newPrice: moneyOf(price), changeTime: time };
  return [
    outboxRow(productUpdated, update, about(ctx, after)),
    ...(changed.includes('price') ? [outboxRow(priceChanged, prices, about(ctx, after))] : []),
  ];
};

export const deletedEvent = (ctx: Context, product: Product): OutboxRow => {
  const { productId, sellerId, updatedAt } = product;
  return outboxRow(productDeleted, { productId, sellerId, deleteTime: new Date(updatedAt) }, about(ctx, product));
};

export const restoredEvent = (ctx: Context, product: Product): OutboxRow => {
  const { productId, sellerId, updatedAt } = product;
  return outboxRow(productRestored, { productId, sellerId, restoreTime: new Date(updatedAt) }, about(ctx, product));
};
