import { inLanes, isAppError, newId } from '@plaza/core';
import { CartServiceDefinition } from '@plaza/proto/plaza/order/v1/cart_service';
import { OrderServiceDefinition } from '@plaza/proto/plaza/order/v1/order_service';
import { asUser } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ADDRESS, startService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => (service = await startService({ rateLimits: 1 })));
afterAll(() => service?.close());

test('a person makes each call so often in a minute, then is told when to come back', { timeout: 60_000 }, async () => {
  const { orders, carts } = service;
  const [userId, orderId, productId] = [newId(), newId(), newId()];
  const watch = async () => {
    for await (const _ of service.watchOrder(asUser(userId), { orderId }));
  };
  const limited: Record<string, [times: number, call: () => Promise<unknown>]> = {
    listOrders: [100, () => orders.listOrders(asUser(userId), { userId })],
    listSales: [100, () => orders.listSales(asUser(userId), { sellerId: userId })],
    listOrderEvents: [100, () => orders.listOrderEvents(asUser(userId), { orderId })],
    watchOrder: [60, watch],
    shipOrder: [100, () => orders.shipOrder(asUser(userId), { orderId })],
    deliverOrder: [100, () => orders.deliverOrder(asUser(userId), { orderId })],
    refundOrder: [100, () => orders.refundOrder(asUser(userId), { orderId })],
    unsharePurchase: [100, () => orders.unsharePurchase(asUser(userId), { orderId })],
    cancelOrder: [60, () => orders.cancelOrder(asUser(userId), { orderId })],
    getOrder: [100, () => orders.getOrder(asUser(userId), { orderId })],
    createOrder: [60, () => orders.createOrder(asUser(userId), { userId, shippingAddress: ADDRESS })],
    getCart: [100, () => carts.getCart(asUser(userId), { userId })],
    addCartItem: [120, () => carts.addCartItem(asUser(userId), { userId, productId, quantity: 1n })],
    updateCartItem: [120, () => carts.updateCartItem(asUser(userId), { userId, productId, quantity: 1n })],
    removeCartItem: [120, () => carts.removeCartItem(asUser(userId), { userId, productId })],
    clearCart: [120, () => carts.clearCart(asUser(userId), { userId })],
  };
  // Admins alone list by status.
  const methods = Object.keys({ ...OrderServiceDefinition.methods, ...CartServiceDefinition.methods });
  expect([...Object.keys(limited), 'listOrdersByStatus'].sort()).toEqual(methods.sort());
  for (const [name, [times, call]] of Object.entries(limited)) {
    const outcomes: string[] = [];
    await inLanes([...Array(times + 10).keys()], 12, async () => outcomes.push(await outcomeOf(call())));
    const refused = outcomes.filter((outcome) => outcome === 'RATE_LIMITED').length;
    expect([name, refused]).toEqual([name, 10]);
  }
});

const outcomeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'OK',
    (error: unknown) => (isAppError(error) ? error.reason : 'INTERNAL'),
  );
