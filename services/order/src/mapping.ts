import { amountOf, moneyOf, type Amount, type Caller, type MoneyMessage } from '@plaza/core';
import type { Cart as CartMessage, CartItem as CartItemMessage } from '@plaza/proto/plaza/order/v1/cart_service';
import {
  OrderEventKind,
  OrderState,
  type CreateOrderLine,
  type CreateOrderRequest,
  type Order as OrderMessage,
  type OrderEvent,
  type Refund as RefundMessage,
  type RefundOrderRequest,
} from '@plaza/proto/plaza/order/v1/order_service';
import type { Product } from '@plaza/proto/plaza/product/v1/product_service';

import { linesOf, type CartItem, type CartItems } from './domain/cart.ts';
import type { CartView } from './domain/cart-view.ts';
import type { HistoryEntry } from './domain/history.ts';
import type { DisplayedOffer } from './domain/new-order.ts';
import { ORDER_STATES, refundedOf, type Failure, type Order, type Refund } from './domain/order.ts';
import { partyOf } from './domain/party.ts';
import type { RefundWish } from './domain/refund.ts';
import { seenBySeller } from './domain/seen-by-seller.ts';
import type { Wish, WishLine } from './domain/wish.ts';

const INVALID = { reason: 'INVALID_FIELD', domain: 'plaza' };

/** What a peer's Money is in our units. */
export const toAmount = (money: MoneyMessage | undefined, field: string): Amount => {
  if (!money) throw new Error(`${field} came without money`);
  return amountOf(money, field, INVALID);
};

export const toMessage = (order: Order): OrderMessage => ({
  orderId: order.orderId,
  userId: order.userId,
  state: OrderState[order.state],
  lines: order.lines.map(({ productId, sellerId, name, quantity, unitPrice, refunded = 0 }) => ({
    productId,
    sellerId,
    name,
    quantity: BigInt(quantity),
    unitPrice: moneyOf(unitPrice),
    refundedQuantity: BigInt(refunded),
  })),
  total: moneyOf(order.total),
  shippingAddress: { ...order.address, lines: [...order.address.lines] },
  failure: order.failure && toFailureMessage(order.failure),
  etag: String(order.version),
  createTime: new Date(order.createdAt),
  updateTime: new Date(order.updatedAt),
  parcels: Object.entries(order.parcels ?? {}).map(([sellerId, parcel]) => ({
    sellerId,
    carrier: parcel.carrier,
    trackingNumber: parcel.trackingNumber,
    shipTime: new Date(parcel.shippedAt),
    deliverTime: parcel.deliveredAt === undefined ? undefined : new Date(parcel.deliveredAt),
  })),
  refunded: moneyOf(refundedOf(order)),
  sharePurchase: order.sharePurchase ?? false,
  attributedPostId: order.attributedPostId ?? '',
  refund: order.refund && toRefundMessage(order.refund),
});

/** Why a refund was refused concerns a seller's wallet, which is no business of the buyer: the reason is told, and no figures. */
export const toEventMessage = (entry: HistoryEntry): OrderEvent => ({
  sequence: BigInt(entry.sequence),
  kind: OrderEventKind[entry.kind],
  state: OrderState[entry.state],
  actor: entry.actor,
  sellerId: entry.sellerId ?? '',
  failure: entry.failure && toFailureMessage(entry.kind === 'FAILED' ? entry.failure : { ...entry.failure, metadata: {} }),
  refund: entry.refund && toRefundMessage(entry.refund),
  createTime: new Date(entry.at),
});

const toRefundMessage = ({ refundId, lines, amount, note }: Refund): RefundMessage => ({
  refundId,
  lines: lines.map(({ productId, quantity }) => ({ productId, quantity: BigInt(quantity) })),
  amount: moneyOf(amount),
  note,
});

/** Undefined for the unspecified one, which means any. */
export const stateFrom = (state: OrderState): Order['state'] | undefined =>
  ORDER_STATES.find((name) => OrderState[name] === state);

/** As this caller may see it: only a seller sees less than all. */
export const toMessageFor = (caller: Caller, order: Order): OrderMessage => {
  const party = partyOf(caller, order);
  return toMessage(party?.kind === 'seller' ? seenBySeller(order, party.sellerId) : order);
};

const toFailureMessage = (failure: Failure) => ({ ...failure, metadata: { ...failure.metadata } });

/** An order that is none: it has no id, and was never written. */
export const toPreview = (order: Order): OrderMessage => ({
  ...toMessage({ ...order, orderId: '' }),
  etag: '',
  createTime: undefined,
  updateTime: undefined,
});

/** `items` are those of the cart, for a request from it. @throws AppError INVALID_FIELD when a price that the buyer was shown is no amount of a traded currency */
export const toWish = (orderId: string, request: CreateOrderRequest, items?: CartItems): Wish => {
  const { userId, shippingAddress, expectedTotal, fromCart, sharePurchase, attributedPostId } = request;
  if (!shippingAddress) throw new Error('the schema requires shipping_address');
  const { name, lines, postalCode, city, countryCode } = shippingAddress;
  return {
    orderId,
    userId,
    lines: items ? linesOf(items) : request.lines.map(toWishLine),
    address: { name, lines, postalCode, city, countryCode },
    expectedTotal: expectedTotal && amountOf(expectedTotal, 'expected_total', INVALID),
    fromCart,
    sharePurchase,
    attributedPostId,
  };
};

export const toRefundWish = (refundId: string, { lines, note }: RefundOrderRequest): RefundWish => ({
  refundId,
  lines: lines.map(({ productId, quantity }) => ({ productId, quantity: Number(quantity) })),
  note,
});

const toWishLine = ({ productId, quantity, expectedUnitPrice: shown }: CreateOrderLine, i: number): WishLine => ({
  productId,
  quantity: Number(quantity),
  shownPrice: shown && amountOf(shown, `lines[${i}].expected_unit_price`, INVALID),
});

export const toOffer = ({ productId, sellerId, name, price, available }: Product): DisplayedOffer => ({
  productId,
  sellerId,
  name,
  price: toAmount(price, 'price'),
  available: Number(available),
});

export const toItemMessage = (productId: string, { quantity, price, addedAt }: CartItem): CartItemMessage => ({
  productId,
  quantity: BigInt(quantity),
  priceWhenAdded: moneyOf(price),
  addTime: new Date(addedAt),
});

export const toCartMessage = (userId: string, { lines, totals }: CartView, expiresAt: number): CartMessage => ({
  userId,
  lines: lines.map(({ productId, item, offer, total }) => ({
    item: toItemMessage(productId, item),
    gone: offer === undefined,
    name: offer?.name ?? '',
    sellerId: offer?.sellerId ?? '',
    unitPrice: offer && moneyOf(offer.price),
    available: BigInt(offer?.available ?? 0),
    lineTotal: total && moneyOf(total),
  })),
  totals: totals.map(moneyOf),
  expireTime: lines.length === 0 ? undefined : new Date(expiresAt),
});
