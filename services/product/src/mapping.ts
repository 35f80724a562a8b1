import { moneyOf, type AppError, type TrendingWindow } from '@plaza/core';
import {
  ReservationState,
  StockMovementKind,
  type Reservation as ReservationMessage,
  type StockCount as StockCountMessage,
  type StockMovement,
  type Stock as StockMessage,
} from '@plaza/proto/plaza/product/v1/inventory_service';
import {
  ProductOrder,
  TrendingWindow as TrendingWindowMessage,
  type BatchCreateProductsResult,
  type Category as CategoryMessage,
  type CreateProductRequest,
  type ListProductsRequest,
  type Product as ProductMessage,
  type ProductChanges as ProductChangesMessage,
  type SavedProduct,
  type TrendingProduct,
} from '@plaza/proto/plaza/product/v1/product_service';
import { encodeStatus } from '@plaza/rpc';

import type { CatalogueList } from './domain/catalogue.ts';
import type { CategoryCount } from './domain/categories.ts';
import type { Movement } from './domain/movement.ts';
import { priceOf, priceRangeOf } from './domain/price.ts';
import { newProduct, type Listing, type ProductChanges, type ProductPath } from './domain/product.ts';
import type { Reservation } from './domain/reservation.ts';
import type { Save } from './domain/save.ts';
import type { Stock, StockCount } from './domain/stock.ts';

export const toMessage = ({ product, available }: Listing): ProductMessage => ({
  productId: product.productId,
  sellerId: product.sellerId,
  name: product.name,
  description: product.description,
  category: product.category,
  price: moneyOf(product.price),
  available: BigInt(available),
  etag: String(product.version),
  createTime: new Date(product.createdAt),
  updateTime: new Date(product.updatedAt),
  deleteTime: product.deletedAt === undefined ? undefined : new Date(product.deletedAt),
});

export const toStockMessage = ({ productId, onHand, reserved, available }: Stock): StockMessage => ({
  productId,
  onHand: BigInt(onHand),
  reserved: BigInt(reserved),
  available: BigInt(available),
});

export const toCategoryMessage = ({ category, count }: CategoryCount): CategoryMessage => ({
  category,
  productCount: BigInt(count),
});

export const toMovementMessage = (movement: Movement): StockMovement => ({
  movementId: movement.movementId,
  delta: BigInt(movement.delta),
  kind: StockMovementKind[movement.kind],
  reason: movement.reason ?? '',
  orderId: movement.orderId ?? '',
  // As mutations name callers: `user:` and an id, or `admin`.
  by: movement.by?.replace(/^user:/, '') ?? '',
  createTime: new Date(movement.at),
});

export const toReservationMessage = (reservation: Reservation): ReservationMessage => ({
  orderId: reservation.orderId,
  state: ReservationState[reservation.state],
  lines: reservation.lines.map(({ productId, quantity }) => ({ productId, quantity: BigInt(quantity) })),
  expireTime: new Date(reservation.reservedUntil),
  createTime: new Date(reservation.createdAt),
  updateTime: new Date(reservation.updatedAt),
});

export const toStockCountMessage = ({
  stock,
  countedOnHand,
  countedReserved,
  agrees,
  moving,
}: StockCount): StockCountMessage => ({
  productId: stock.productId,
  stock: toStockMessage(stock),
  countedOnHand: BigInt(countedOnHand),
  countedReserved: BigInt(countedReserved),
  agrees,
  moving,
});

/** Throws PRICE_INVALID or PRICE_RANGE_INVALID. */
export const toCatalogueList = (request: ListProductsRequest): CatalogueList => {
  const { category, sellerId, order, minPrice, maxPrice, inStock, showDeleted } = request;
  return {
    category,
    sellerId,
    order: order === ProductOrder.NEWEST ? 'NEWEST' : 'PRICE',
    range: priceRangeOf(minPrice, maxPrice),
    inStock,
    showDeleted,
  };
};

/** Only what the paths name is looked at. Throws PRICE_INVALID. */
export const toChanges = (changes: ProductChangesMessage, paths: readonly ProductPath[]): Partial<ProductChanges> => {
  const { name, description, category, price } = changes;
  return { name, description, category, ...(paths.includes('price') && { price: priceOf(price, 'changes.price') }) };
};

/** Throws PRICE_INVALID. */
export const toListing = (productId: string, request: CreateProductRequest, now: number): Listing => {
  const { sellerId, name, description, category } = request;
  const price = priceOf(request.price);
  return {
    product: newProduct(productId, { sellerId, name, description, category, price }, now),
    available: Number(request.initialStock),
  };
};

export const toResult = (outcome: Listing | AppError): BatchCreateProductsResult => ({
  result:
    outcome instanceof Error
      ? { $case: 'error', value: encodeStatus(outcome, 'plaza.product') }
      : { $case: 'product', value: toMessage(outcome) },
});

export const toSavedMessage = ({ save, listing }: { save: Save; listing: Listing }): SavedProduct => ({
  product: toMessage(listing),
  saveTime: new Date(save.savedAt),
});

/** The schema lets none but these three pass. */
export const toWindow = (window: TrendingWindowMessage): TrendingWindow =>
  window === TrendingWindowMessage.HOUR ? 'HOUR' : window === TrendingWindowMessage.DAY ? 'DAY' : 'WEEK';

export const toTrendingMessage = ({ score, listing }: { score: number; listing: Listing }): TrendingProduct => ({
  product: toMessage(listing),
  score: BigInt(score),
});
