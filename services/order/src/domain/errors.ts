import { AppError, type Amount } from '@plaza/core';

import type { Failure, OrderLine, OrderState } from './order.ts';

/** Every refusal of this service; the reasons are those of proto/plaza/order/v1/error_reason.proto. */
export const orderNotFound = (orderId: string): AppError =>
  new AppError('NOT_FOUND', 'ORDER_NOT_FOUND', 'no such order', { metadata: { order_id: orderId } });

/** An erased buyer buys nothing more: nothing would take the address out again. */
export const userNotFound = (userId: string): AppError =>
  new AppError('NOT_FOUND', 'USER_NOT_FOUND', 'no such user', { metadata: { user_id: userId } });

export const emptyOrder = (): AppError => new AppError('FAILED_PRECONDITION', 'EMPTY_ORDER', 'an order needs a line');

/** `total` and the price of each product, in minor units. */
export const priceChanged = (total: Amount, lines: readonly OrderLine[]): AppError =>
  new AppError('FAILED_PRECONDITION', 'PRICE_CHANGED', 'the total is not the expected one', {
    metadata: {
      total: String(total.minor),
      currency: total.currency,
      ...Object.fromEntries(lines.map(({ productId, unitPrice }) => [productId, String(unitPrice.minor)])),
    },
  });

export const productNotFound = (productIds: readonly string[]): AppError =>
  new AppError('NOT_FOUND', 'PRODUCT_NOT_FOUND', 'a line names no product', { metadata: { product_ids: productIds.join(',') } });

export const ownProduct = (productIds: readonly string[]): AppError =>
  new AppError('FAILED_PRECONDITION', 'OWN_PRODUCT', 'nobody buys from themselves', {
    metadata: { product_ids: productIds.join(',') },
  });

export const tooManySellers = (limit: number): AppError =>
  new AppError('FAILED_PRECONDITION', 'TOO_MANY_SELLERS', `one order buys from at most ${limit} sellers`, {
    metadata: { limit: String(limit) },
  });

export const mixedCurrencies = (currencies: readonly string[]): AppError =>
  new AppError('FAILED_PRECONDITION', 'MIXED_CURRENCIES', 'all lines of an order are in one currency', {
    metadata: { currencies: currencies.join(',') },
  });

export const illegalTransition = (state: OrderState): AppError =>
  new AppError('FAILED_PRECONDITION', 'ILLEGAL_TRANSITION', `the order is ${state}`, { metadata: { state } });

export const totalTooLarge = (limit: number): AppError =>
  new AppError('INVALID_ARGUMENT', 'TOTAL_TOO_LARGE', 'the order costs more than one order may', {
    metadata: { limit: String(limit) },
    violations: [{ field: 'lines', description: `cost more than ${limit} minor units together` }],
  });

/** The schema bounds one line; this bounds equal products over all lines. */
export const tooManyUnits = (productId: string, limit: number): AppError =>
  new AppError('INVALID_ARGUMENT', 'INVALID_FIELD', `at most ${limit} units of one product`, {
    domain: 'plaza',
    metadata: { product_id: productId },
    violations: [{ field: 'lines', description: `ask for more than ${limit} units of one product together` }],
  });

export const cartFull = (limit: number): AppError =>
  new AppError('FAILED_PRECONDITION', 'CART_FULL', `a cart holds at most ${limit} products; order or remove some first`, {
    metadata: { limit: String(limit) },
  });

export const cartItemNotFound = (productId: string): AppError =>
  new AppError('NOT_FOUND', 'CART_ITEM_NOT_FOUND', 'the product is not in the cart', { metadata: { product_id: productId } });

export const refundTooLarge = (field: string, productId: string, left: number): AppError =>
  new AppError('INVALID_ARGUMENT', 'REFUND_TOO_LARGE', 'a line asks for more than is left to refund', {
    metadata: { product_id: productId, left: String(left) },
    violations: [{ field, description: `at most ${left} are left to refund` }],
  });

export const refundPending = (): AppError =>
  new AppError('ABORTED', 'REFUND_PENDING', 'another refund of this order is under way; repeat the call', { retryAfterMs: 1000 });

export const purchaseNotShared = (): AppError =>
  new AppError('FAILED_PRECONDITION', 'PURCHASE_NOT_SHARED', 'the purchase is not shared, or no longer');

/** What a failed order answers its buyer: the refusal of the service that knows, and the order it left behind. */
export const orderRefused = (orderId: string, { reason, domain, message, metadata }: Failure): AppError =>
  new AppError('FAILED_PRECONDITION', reason, message, { domain, metadata: { ...metadata, order_id: orderId } });
