import { newId } from '@plaza/core';
import { createMemoryDb } from '@plaza/dynamo';
import { asUser } from '@plaza/testing';
import { expect, test } from 'vitest';

import type { Order } from '../src/domain/order.ts';
import { createLedger } from './ledger.ts';
import { createPeers, peerAway, type Wire } from './peers.ts';
import { createProcess } from './world.ts';

const [BUYER, SELLER, TEA] = [newId(), newId(), newId()];
const OFFERS = [{ productId: TEA, sellerId: SELLER, name: 'tea', price: { currency: 'EUR', minor: 700 } }];
const ADDRESS = { name: 'Ada', lines: ['1 Row'], postalCode: '1', city: 'London', countryCode: 'GB' };
const LATER_MS = 20_000;

/** One process in memory, whose peers can be away, at a time that passes when told. */
const start = () => {
  const ledger = createLedger({ stock: { [TEA]: 5 }, money: { [BUYER]: 5000 } });
  const away = new Set<string>();
  let clock = 1_000_000;
  const wire: Wire = async (name, effect) => {
    if (away.has(name)) throw peerAway();
    return effect();
  };
  const db = createMemoryDb();
  const make = () => createProcess({ db, peers: createPeers(ledger, OFFERS, wire), now: () => clock });
  const process = make();
  const buy = async (requestId = newId()): Promise<string> => {
    const lines = [{ productId: TEA, quantity: 1n }];
    const request = { userId: BUYER, lines, shippingAddress: ADDRESS, requestId };
    const { order } = await process.handlers.createOrder({ ...asUser(BUYER), method: 'CreateOrder' }, request as never);
    return order!.orderId;
  };
  const read = async (orderId: string): Promise<Order> => (await process.orders.get(asUser(BUYER), BUYER, orderId))!;
  const later = async (times: number) => {
    for (let i = 0; i < times; i++) {
      clock += LATER_MS;
      await process.driver.poll();
    }
  };
  return { ledger, away, process, other: make(), buy, read, later };
};

test.each(['ReserveStock', 'PlaceHold', 'CommitReservation'])(
  'an order for which %s stays away is dead after twenty tries; what it holds goes back however long that takes',
  async (broken) => {
    const { ledger, away, buy, read, later } = start();
    away.add(broken).add('ReleaseHold');
    const orderId = await buy();
    await later(18);
    expect((await read(orderId)).failure).toBeUndefined();
    await later(4);
    expect(await read(orderId)).toMatchObject({
      state: 'FAILED',
      failure: { reason: 'SETTLEMENT_TIMED_OUT', domain: 'plaza.order' },
    });
    // Giving back is never given up.
    await later(60);
    const { state, settledAt } = await read(orderId);
    expect([state, settledAt]).toEqual(['FAILED', undefined]);
    away.clear();
    await later(2);
    expect((await read(orderId)).settledAt).toBeDefined();
    expect([ledger.reservations.get(orderId)?.state, ledger.holds.get(orderId)?.state]).toEqual(['RELEASED', 'RELEASED']);
    expect([ledger.available.get(TEA), ledger.balance.get(BUYER)]).toEqual([5, 5000]);
  },
);

test('who asks again and again does not make a stuck order young', async () => {
  const { away, buy, read, later } = start();
  away.add('PlaceHold');
  const requestId = newId();
  const orderId = await buy(requestId);
  for (let i = 0; i < 22; i++) {
    expect(await buy(requestId).catch(() => orderId)).toBe(orderId);
    await later(1);
  }
  expect(await read(orderId)).toMatchObject({ state: 'FAILED', failure: { reason: 'SETTLEMENT_TIMED_OUT' } });
});

test('paying the sellers is never given up', async () => {
  const { ledger, away, buy, read, later } = start();
  away.add('CaptureHold');
  const orderId = await buy();
  await later(60);
  const { state, settledAt } = await read(orderId);
  expect([state, settledAt]).toEqual(['PAID', undefined]);
  away.clear();
  await later(2);
  expect((await read(orderId)).settledAt).toBeDefined();
  expect(ledger.balance.get(SELLER)).toBe(700);
});

test('whoever was too slow for its lease can neither put an order off nor take it from the one who has it now', async () => {
  const { away, process, other, buy, later } = start();
  away.add('PlaceHold');
  const orderId = await buy();
  await later(1);
  const ctx = asUser(BUYER);
  const order = (await process.orders.get(ctx, BUYER, orderId))!;
  const due = { order, tries: 1, dueAt: 0 };
  const first = (await process.sagas.lease(ctx, due, 6000))!;
  // Of two that saw the same order, one has it.
  expect(await other.sagas.lease(ctx, due, 6000)).toBeUndefined();
  const second = (await other.sagas.lease(ctx, { ...due, order: first }, 6000))!;
  expect(second.lease).toBe(first.lease + 1);
  await process.sagas.postpone(ctx, first, 1, 7);
  expect((await process.sagas.due(ctx, 25)).map(({ order: { orderId: id } }) => id)).toEqual([]);
  await other.sagas.postpone(ctx, second, 1, 7);
  expect((await process.sagas.due(ctx, 25)).map(({ tries }) => tries)).toEqual([7]);
});
