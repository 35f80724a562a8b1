import { amountOf, moneyOf } from '@plaza/core';
import { OrderState, type CreateOrderRequest, type Order as OrderMessage } from '@plaza/proto/plaza/order/v1/order_service';
import type { Product } from '@plaza/proto/plaza/product/v1/product_service';

import type { Offer, Wish } from './domain/new-order.ts';
import { refundedOf, type Failure, type Order } from './domain/order.ts';

const INVALID = { reason: 'INVALID_FIELD', domain: 'plaza' };

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
});

const toFailureMessage = (failure: Failure) => ({ ...failure, metadata: { ...failure.metadata } });

/** Throws INVALID_FIELD when expected_total is no amount of a traded currency. */
export const toWish = (orderId: string, request: CreateOrderRequest): Wish => {
  const { userId, lines, shippingAddress, expectedTotal } = request;
  if (!shippingAddress) throw new Error('the schema requires shipping_address');
  const { name, postalCode, city, countryCode } = shippingAddress;
  return {
    orderId,
    userId,
    lines: lines.map(({ productId, quantity }) => ({ productId, quantity: Number(quantity) })),
    address: { name, lines: shippingAddress.lines, postalCode, city, countryCode },
    expectedTotal: expectedTotal && amountOf(expectedTotal, 'expected_total', INVALID),
  };
};

export const toOffer = ({ productId, sellerId, name, price }: Product): Offer => {
  if (!price) throw new Error(`product ${productId} came without a price`);
  return { productId, sellerId, name, price: amountOf(price, 'price', INVALID) };
};
