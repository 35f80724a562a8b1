import { newId } from '@plaza/core';
import { purchaseShared, purchaseUnshared } from '@plaza/events';
import type { PurchaseShared, PurchaseUnshared } from '@plaza/proto/plaza/order/v1/events';
import { asAdmin, asUser, eventually } from '@plaza/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { peerAway } from './peers.ts';
import { actions, buyerWith, CUP, LONG, refusal, startService, TEA, wish, type Service } from './service.ts';

const DELAY_MS = 1500;

let service: Service;
const shared: PurchaseShared[] = [];
const unshared: PurchaseUnshared[] = [];
beforeAll(async () => {
  service = await startService({ shareDelayMs: DELAY_MS });
  service.hear(purchaseShared, (event) => shared.push(event));
  service.hear(purchaseUnshared, (event) => unshared.push(event));
});
afterEach(() => service.route());
afterAll(() => service.close());

const { create, read } = actions(() => service);
const ofOrder = <T extends { orderId: string }>(events: readonly T[], orderId: string) =>
  events.filter((event) => event.orderId === orderId);
const isShared = (orderId: string) => eventually(() => expect(ofOrder(shared, orderId)).toHaveLength(1), { timeoutMs: LONG });
const unshare = (buyer: string, orderId: string, requestId = newId()) =>
  service.orders.unsharePurchase(asUser(buyer), { orderId, requestId });

/** A buyer whose preference is to share, or not. */
const sharer = (agrees = true): string => {
  const buyer = buyerWith(service.ledger, 10_000);
  if (agrees) service.sharers.add(buyer);
  return buyer;
};
const shareWish = (buyer: string) => ({ ...wish(buyer, TEA, 1n), sharePurchase: true });

test('a purchase is told once its time has come, with products and without a price', async () => {
  const buyer = sharer();
  const lines = [TEA, CUP].map((productId) => ({ productId, quantity: 2n }));
  const began = Date.now();
  const order = await create(buyer, { ...shareWish(buyer), lines });
  expect(order.sharePurchase).toBe(true);
  await isShared(order.orderId);
  expect(Date.now() - began).toBeGreaterThanOrEqual(DELAY_MS);
  const [event] = ofOrder(shared, order.orderId);
  expect(event).toEqual({ orderId: order.orderId, userId: buyer, productIds: [TEA, CUP], payTime: expect.any(Date) as Date });
});

test('without either consent nobody hears of it', async () => {
  const [unwilling, silent, willing] = [sharer(false), sharer(), sharer()];
  const kept = [await create(unwilling, shareWish(unwilling)), await create(silent, wish(silent, TEA, 1n))];
  // Paid after them, so due after them.
  const told = await create(willing, shareWish(willing));
  await isShared(told.orderId);
  await settledShare(kept[0]!.orderId, 'DROPPED');
  expect(await service.rowsOf(`O#${kept[1]!.orderId}`)).not.toContainEqual(expect.objectContaining({ sk: 'SHARE' }));
  for (const { orderId } of kept) expect(ofOrder(shared, orderId)).toEqual([]);
});

test('who takes it back in time is never shown; the repeated request gets the same answer', async () => {
  const [buyer, willing] = [sharer(), sharer()];
  const order = await create(buyer, shareWish(buyer));
  const requestId = newId();
  const answers = await Promise.all([unshare(buyer, order.orderId, requestId), unshare(buyer, order.orderId, requestId)]);
  for (const answer of answers) expect(answer.order).toMatchObject({ orderId: order.orderId, sharePurchase: false });
  expect((await unshare(buyer, order.orderId)).order?.sharePurchase).toBe(false);
  await isShared((await create(willing, shareWish(willing))).orderId);
  expect(ofOrder(shared, order.orderId)).toEqual([]);
  await eventually(() => expect(ofOrder(unshared, order.orderId)).toHaveLength(1));
  expect((await read(buyer, order.orderId)).sharePurchase).toBe(false);
});

test('what was shown can be taken back too', async () => {
  const buyer = sharer();
  const { orderId } = await create(buyer, shareWish(buyer));
  await isShared(orderId);
  expect((await service.orders.unsharePurchase(asAdmin(), { orderId, requestId: newId() })).order?.sharePurchase).toBe(false);
  await eventually(() => expect(ofOrder(unshared, orderId)).toHaveLength(1));
});

test('what was never to be shared, and other people’s orders, cannot be taken back', async () => {
  const [buyer, other] = [sharer(), sharer()];
  const { orderId } = await create(buyer, wish(buyer, TEA, 1n));
  expect(await refusal(unshare(buyer, orderId))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'PURCHASE_NOT_SHARED' });
  expect(await refusal(unshare(other, orderId))).toMatchObject({ code: 'NOT_FOUND', reason: 'ORDER_NOT_FOUND' });
});

test('an order that is taken back before it is paid is paid all the same, and not shared', { timeout: 60_000 }, async () => {
  const buyer = sharer();
  service.route(async (name, effect) => {
    if (name === 'PlaceHold') throw peerAway();
    return effect();
  });
  const { orderId } = await create(buyer, shareWish(buyer));
  await unshare(buyer, orderId);
  service.route();
  await eventually(async () => expect((await read(buyer, orderId)).state).toBe(3), { timeoutMs: LONG });
  expect(await service.rowsOf(`O#${orderId}`)).toContainEqual(expect.objectContaining({ sk: 'SHARE', state: 'WITHDRAWN' }));
});

test('with the user service away it waits, and is told when the preference can be asked', { timeout: 60_000 }, async () => {
  const buyer = sharer();
  let asked = 0;
  service.route(async (name, effect) => {
    if (name === 'GetPreferences' && ++asked < 2) throw peerAway();
    return effect();
  });
  const { orderId } = await create(buyer, shareWish(buyer));
  await isShared(orderId);
  expect(asked).toBeGreaterThanOrEqual(2);
});

const settledShare = (orderId: string, state: string) =>
  eventually(async () =>
    expect(await service.rowsOf(`O#${orderId}`)).toContainEqual(expect.objectContaining({ sk: 'SHARE', state })),
  );
