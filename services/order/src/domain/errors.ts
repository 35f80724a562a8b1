import { AppError, type Amount } from '@plaza/core';

import type { Failure, OrderState } from './order.ts';

/** Every refusal of this service; the reasons are those of proto/plaza/order/v1/error_reason.proto. */
export const orderNotFound = (orderId: string): AppError =>
  new AppError('NOT_FOUND', 'ORDER_NOT_FOUND', 'no such order', { metadata: { order_id: orderId } });

/** An erased buyer buys nothing more: nothing would take the address out again. */
export const userNotFound = (userId: string): AppError =>
  new AppError('NOT_FOUND', 'USER_NOT_FOUND', 'no such user', { metadata: { user_id: userId } });

export const emptyOrder = (field: string): AppError =>
  new AppError('FAILED_PRECONDITION', 'EMPTY_ORDER', 'an order needs a line', blame([field], 'holds nothing to order'));

/** A price of now that is not, or may not be, the one that the buyer was shown. */
interface MovedPrice {
  readonly productId: string;
  readonly now: Amount;
  readonly before?: Amount | undefined;
}

/** Everything in minor units. A price in another currency than before has no `old.`: it would read as one of this currency. */
export const priceChanged = (change: {
  total: Amount;
  expectedTotal?: Amount | undefined;
  prices: readonly MovedPrice[];
  fields: readonly string[];
}): AppError => {
  const { total, expectedTotal } = change;
  const prices = change.prices.flatMap(({ productId, now, before }) => [
    [`new.${productId}`, String(now.minor)],
    ...(before?.currency === now.currency ? [[`old.${productId}`, String(before.minor)]] : []),
  ]);
  return new AppError('FAILED_PRECONDITION', 'PRICE_CHANGED', 'the prices are not those that were shown', {
    ...blame(change.fields, 'differs from now'),
    metadata: {
      currency: total.currency,
      total: String(total.minor),
      ...(expectedTotal?.currency === total.currency && { expected_total: String(expectedTotal.minor) }),
      ...(Object.fromEntries(prices) as Record<string, string>),
    },
  });
};

export const productNotFound = (productIds: readonly string[], fields: readonly string[]): AppError =>
  new AppError('NOT_FOUND', 'PRODUCT_NOT_FOUND', 'there is no such product', {
    ...blame(fields, 'names no product'),
    metadata: { product_ids: productIds.join(',') },
  });

export const ownProduct = (productIds: readonly string[], fields: readonly string[]): AppError =>
  new AppError('FAILED_PRECONDITION', 'OWN_PRODUCT', 'nobody buys from themselves', {
    ...blame(fields, 'is sold by the buyer'),
    metadata: { product_ids: productIds.join(',') },
  });

export const tooManySellers = (limit: number, fields: readonly string[]): AppError =>
  new AppError('FAILED_PRECONDITION', 'TOO_MANY_SELLERS', `one order buys from at most ${limit} sellers`, {
    ...blame(fields, `is of one seller more than ${limit}`),
    metadata: { limit: String(limit) },
  });

export const mixedCurrencies = (currencies: readonly string[], fields: readonly string[]): AppError =>
  new AppError('FAILED_PRECONDITION', 'MIXED_CURRENCIES', 'all lines of an order are in one currency', {
    ...blame(fields, `is not in ${currencies[0]}`),
    metadata: { currencies: currencies.join(',') },
  });

export const rangeEmpty = (): AppError =>
  new AppError('INVALID_ARGUMENT', 'INVALID_FIELD', 'invalid fields: created_before', {
    domain: 'plaza',
    violations: [{ field: 'created_before', description: 'must be later than created_after' }],
  });

/** `notShipped`: the sellers whose parcels must be sent first. */
export const illegalTransition = (state: OrderState, notShipped: readonly string[] = []): AppError =>
  new AppError(
    'FAILED_PRECONDITION',
    'ILLEGAL_TRANSITION',
    notShipped.length === 0
      ? `the order is ${state}${wayOut(state)}`
      : `the order is ${state}, and not shipped by ${notShipped.join(', ')}`,
    { metadata: { state, ...(notShipped.length > 0 && { not_shipped: notShipped.join(',') }) } },
  );

const wayOut = (state: OrderState): string =>
  state === 'PAID' || state === 'SHIPPED' || state === 'DELIVERED'
    ? '; its money comes back by RefundOrder, which its sellers may call'
    : '';

export const totalTooLarge = (limit: number): AppError =>
  new AppError('INVALID_ARGUMENT', 'TOTAL_TOO_LARGE', 'the order costs more than one order may', {
    metadata: { limit: String(limit) },
    violations: [{ field: 'lines', description: `cost more than ${limit} minor units together` }],
  });

/** The schema bounds one line; this bounds equal products over all lines. */
export const tooManyUnits = (productId: string, limit: number, fields: readonly string[]): AppError =>
  new AppError('INVALID_ARGUMENT', 'INVALID_FIELD', `at most ${limit} units of one product`, {
    domain: 'plaza',
    metadata: { product_id: productId },
    ...blame(fields, `makes more than ${limit} units of one product together`),
  });

/** An order is of its lines or of the cart. */
export const linesBesideCart = (): AppError =>
  new AppError('INVALID_ARGUMENT', 'INVALID_FIELD', 'from_cart: an order from the cart has no lines of its own', {
    domain: 'plaza',
    ...blame(['from_cart'], 'goes without lines'),
  });

export const unknownCountry = (): AppError =>
  new AppError('INVALID_ARGUMENT', 'INVALID_FIELD', 'shipping_address.country_code: no country has this code', {
    domain: 'plaza',
    ...blame(['shipping_address.country_code'], 'must be a country of ISO 3166-1 alpha-2'),
  });

/** Of a preview, in the words of the service that would refuse. */
export const insufficientStock = (left: readonly { productId: string; available: number }[]): AppError =>
  new AppError('FAILED_PRECONDITION', 'INSUFFICIENT_STOCK', 'fewer units are left than asked for', {
    domain: 'plaza.product',
    metadata: Object.fromEntries(left.map(({ productId, available }) => [productId, String(available)])),
  });

export const insufficientFunds = (available: number, asked: number): AppError =>
  new AppError('FAILED_PRECONDITION', 'INSUFFICIENT_FUNDS', 'the wallet holds less than asked', {
    domain: 'plaza.user',
    metadata: { available: String(available), asked: String(asked) },
  });

export const otherCurrency = (currency: string): AppError =>
  new AppError('FAILED_PRECONDITION', 'AMOUNT_INVALID', `amount: must be in ${currency}`, { domain: 'plaza.user' });

export const cartFull = (limit: number): AppError =>
  new AppError('FAILED_PRECONDITION', 'CART_FULL', `a cart holds at most ${limit} products; order or remove some first`, {
    metadata: { limit: String(limit) },
  });

export const cartItemNotFound = (productId: string): AppError =>
  new AppError('NOT_FOUND', 'CART_ITEM_NOT_FOUND', 'the product is not in the cart', {
    ...blame(['product_id'], 'is not in the cart'),
    metadata: { product_id: productId },
  });

/** Nobody watches for what comes after what has not come. */
export const sequenceAhead = (last: number): AppError =>
  new AppError('INVALID_ARGUMENT', 'INVALID_FIELD', 'after_sequence is beyond the history of the order', {
    domain: 'plaza',
    ...blame(['after_sequence'], `must be at most ${last}`),
  });

/** What a refund asks for, beyond what is left: at least one. */
export interface Excess {
  readonly field: string;
  readonly productId: string;
  readonly left: number;
}

export const refundTooLarge = (excesses: readonly [Excess, ...Excess[]]): AppError =>
  new AppError('INVALID_ARGUMENT', 'REFUND_TOO_LARGE', 'a line asks for more than is left to refund', {
    metadata: { product_id: excesses[0].productId, left: String(excesses[0].left) },
    violations: excesses.map(({ field, left }) => ({
      field,
      description: field.endsWith('.product_id') ? 'is nothing that you may refund' : `at most ${left} are left to refund`,
    })),
  });

export const refundPending = (): AppError =>
  new AppError('ABORTED', 'REFUND_PENDING', 'another refund of this order is under way; repeat the call', { retryAfterMs: 1000 });

export const purchaseNotShared = (): AppError =>
  new AppError('FAILED_PRECONDITION', 'PURCHASE_NOT_SHARED', 'the order was not placed with share_purchase');

/** What a failed order answers its buyer: the refusal of the service that knows, and the order it left behind. */
export const orderRefused = (orderId: string, { reason, domain, message, metadata }: Failure): AppError =>
  new AppError('FAILED_PRECONDITION', reason, message, { domain, metadata: { ...metadata, order_id: orderId } });

const blame = (fields: readonly string[], description: string) => ({
  violations: fields.map((field) => ({ field, description })),
});
