import { isAppError, newId } from '@plaza/core';
import { asUser } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => (service = await startService({ rateLimits: 1 })));
afterAll(() => service?.close());

test(
  'a person lists, watches, sends and refunds so often in a minute, then is told when to come back',
  { timeout: 60_000 },
  async () => {
    const { orders } = service;
    const [userId, orderId] = [newId(), newId()];
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
    };
    for (const [name, [times, call]] of Object.entries(limited)) {
      const outcomes = await Promise.all(Array.from({ length: times + 10 }, () => outcomeOf(call())));
      const refused = outcomes.filter((outcome) => outcome === 'RATE_LIMITED').length;
      expect([name, refused]).toEqual([name, 10]);
    }
  },
);

const outcomeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'OK',
    (error: unknown) => (isAppError(error) ? error.reason : 'INTERNAL'),
  );
