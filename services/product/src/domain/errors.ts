import { AppError } from '@plaza/core';

import type { StockLine } from './stock.ts';

/** Every refusal of this service; the reasons are those of proto/plaza/product/v1/error_reason.proto. */
export const productNotFound = (productIds: readonly string[]): AppError =>
  new AppError('NOT_FOUND', 'PRODUCT_NOT_FOUND', `no such product: ${productIds.join(', ')}`, {
    metadata: { product_ids: productIds.join(',') },
  });

export const sellerNotFound = (sellerId: string): AppError =>
  new AppError('NOT_FOUND', 'SELLER_NOT_FOUND', 'the seller is not a user', { metadata: { seller_id: sellerId } });

/** `left` names each short product with the units that could still be had. */
export const insufficientStock = (left: readonly StockLine[]): AppError =>
  new AppError('FAILED_PRECONDITION', 'INSUFFICIENT_STOCK', 'fewer units are left than asked for', {
    metadata: Object.fromEntries(left.map(({ productId, quantity }) => [productId, String(quantity)])),
  });

export const reservationReleased = (orderId: string): AppError =>
  new AppError('FAILED_PRECONDITION', 'RESERVATION_RELEASED', 'the reservation of this order was released', {
    metadata: { order_id: orderId },
  });

export const reservationNotFound = (orderId: string): AppError =>
  new AppError('NOT_FOUND', 'RESERVATION_NOT_FOUND', 'no reservation for this order', {
    metadata: { order_id: orderId },
  });

export const reservationMismatch = (orderId: string): AppError =>
  new AppError('INVALID_ARGUMENT', 'RESERVATION_MISMATCH', 'the reservation of this order has other lines', {
    metadata: { order_id: orderId },
    violations: [{ field: 'lines', description: 'differ from those that this order reserved first' }],
  });

/** Its stock cannot be taken any more, nor corrected. */
export const productInactive = (productIds: readonly string[]): AppError =>
  new AppError('FAILED_PRECONDITION', 'PRODUCT_INACTIVE', `no longer for sale: ${productIds.join(', ')}`, {
    metadata: { product_ids: productIds.join(',') },
  });

export const etagMismatch = (etag: string): AppError =>
  new AppError('ABORTED', 'ETAG_MISMATCH', 'the product has changed; read it again', { metadata: { etag } });

export const productNotDeleted = (): AppError =>
  new AppError('FAILED_PRECONDITION', 'PRODUCT_NOT_DELETED', 'the product is not deleted');

export const restoreWindowOver = (): AppError =>
  new AppError('FAILED_PRECONDITION', 'RESTORE_WINDOW_OVER', 'the product was deleted more than 30 days ago, or for good');

export const reservationExpired = (orderId: string): AppError =>
  new AppError('FAILED_PRECONDITION', 'RESERVATION_EXPIRED', 'the reservation of this order ran out', {
    metadata: { order_id: orderId },
  });

export const productBusy = (productId: string, retryAfterMs: number): AppError =>
  new AppError('RESOURCE_EXHAUSTED', 'PRODUCT_BUSY', 'too many orders wait for this product; repeat with the same request_id', {
    metadata: { product_id: productId },
    retryAfterMs,
  });

export const queryEmpty = (): AppError =>
  new AppError('INVALID_ARGUMENT', 'QUERY_EMPTY', 'query: names no word that could be found', {
    violations: [{ field: 'query', description: 'needs a letter or a digit' }],
  });

export const priceInvalid = (field: string, description: string): AppError =>
  new AppError('INVALID_ARGUMENT', 'PRICE_INVALID', `${field}: ${description}`, { violations: [{ field, description }] });

export const priceRangeInvalid = (): AppError =>
  new AppError('INVALID_ARGUMENT', 'PRICE_RANGE_INVALID', 'min_price must be below max_price', {
    violations: [{ field: 'max_price', description: 'must be above min_price' }],
  });
