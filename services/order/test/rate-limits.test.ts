import { newId } from '@plaza/core';
import { asAdmin, asUser, startRedis, type Engine } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { refusal, startService, TEA, wish, type Service } from './service.ts';

// A service with limits; its Redis is its own, so that nothing else is counted in it.
let redis: Engine;
let service: Service;
beforeAll(async () => {
  redis = await startRedis();
  service = await startService({ rateLimits: 1, redisUrl: redis.url });
});
afterAll(async () => {
  await service?.close();
  await redis?.stop();
});

test(
  'a person orders 60 times, changes the cart 120 times and reads 100 times a minute; admins without end',
  { timeout: 120_000 },
  async () => {
    const buyer = newId();
    const { orders, carts } = service;
    const as = () => asUser(buyer);
    // Refused after it was counted, which is quicker than an order.
    const order = () => orders.createOrder(as(), { ...wish(buyer, TEA, 1n), lines: [], requestId: newId() });
    const calls: readonly [count: number, call: () => Promise<unknown>][] = [
      [60, order],
      [60, () => orders.cancelOrder(as(), { orderId: newId() })],
      [100, () => orders.getOrder(as(), { orderId: newId() })],
      [100, () => orders.listOrders(as(), { userId: buyer })],
      [100, () => carts.getCart(as(), { userId: buyer })],
      [120, () => carts.addCartItem(as(), { userId: buyer, productId: newId(), quantity: 1n })],
      [120, () => carts.updateCartItem(as(), { userId: buyer, productId: TEA, quantity: 1n })],
      [120, () => carts.removeCartItem(as(), { userId: buyer, productId: TEA })],
      [120, () => carts.clearCart(as(), { userId: buyer })],
    ];
    for (const [count, call] of calls) {
      for (let n = 0; n < count; n++) expect(await reasonOf(call())).not.toBe('RATE_LIMITED');
      expect(await refusal(call())).toMatchObject({
        code: 'RESOURCE_EXHAUSTED',
        metadata: { limit: String(count), window_s: '60' },
      });
    }
    await carts.getCart(asAdmin(), { userId: buyer });
  },
);

const reasonOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => '',
    (error: unknown) => (error as { reason: string }).reason,
  );
