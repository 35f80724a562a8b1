import { isAppError, newId } from '@plaza/core';
import { StockMovementKind } from '@plaza/proto/plaza/product/v1/inventory_service';
import { asAdmin, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { asOrder, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test(
  '100 buyers, one unit: one reservation, and 99 are told which product is short and that nothing is left',
  { timeout: 90_000 },
  async () => {
    const productId = await world.list({ initialStock: 1n });
    const lines = [{ productId, quantity: 1n }];
    const buy = () => world.inventory.reserveStock(asOrder(60_000), { orderId: newId(), lines });
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, buy));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    expect(refused).toHaveLength(99);
    for (const reason of refused)
      expect(reason).toMatchObject({
        code: 'FAILED_PRECONDITION',
        reason: 'INSUFFICIENT_STOCK',
        details: { domain: 'plaza.product', metadata: { [productId]: '0' } },
      });
    expect(await world.stockOf(productId)).toEqual({ onHand: 1, reserved: 1, available: 0 });
  },
);

test('all lines are reserved or none, and each short one is named with what is left', async () => {
  const [plenty, few, none] = [
    await world.list(),
    await world.list({ initialStock: 2n }),
    await world.list({ initialStock: 0n }),
  ];
  const orderId = newId();
  await expect(reserve(orderId, { [plenty]: 1, [few]: 3, [none]: 1 })).rejects.toMatchObject({
    reason: 'INSUFFICIENT_STOCK',
    details: { metadata: { [few]: '2', [none]: '0' } },
  });
  expect(await world.stockOf(plenty)).toEqual({ onHand: 10, reserved: 0, available: 10 });
  await reserve(orderId, { [plenty]: 1, [few]: 2 });
  expect(await world.stockOf(few)).toEqual({ onHand: 2, reserved: 2, available: 0 });
});

test('an unknown product is named as such', async () => {
  const [known, unknown] = [await world.list(), newId()];
  await expect(reserve(newId(), { [known]: 1, [unknown]: 1 })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    reason: 'PRODUCT_NOT_FOUND',
    details: { metadata: { product_ids: unknown } },
  });
});

test('equal products on two lines are one, so that together they cannot pass what each could alone', async () => {
  const productId = await world.list({ initialStock: 3n });
  const line = { productId, quantity: 2n };
  const twice = world.inventory.reserveStock(asOrder(), { orderId: newId(), lines: [line, line] });
  await expect(twice).rejects.toMatchObject({ reason: 'INSUFFICIENT_STOCK', details: { metadata: { [productId]: '3' } } });
});

test('49 lines fit, 50 do not', async () => {
  const ids = await Promise.all(Array.from({ length: 49 }, () => world.list()));
  const lines = Object.fromEntries(ids.map((id) => [id, 1]));
  await reserve(newId(), lines);
  await expect(reserve(newId(), { ...lines, [newId()]: 1 })).rejects.toMatchObject({ reason: 'INVALID_FIELD' });
  expect(await world.stockOf(ids[48]!)).toEqual({ onHand: 10, reserved: 1, available: 9 });
});

test('an order reserves once: the same lines get the first answer, other lines a mismatch, both under any request id', async () => {
  const [a, b] = [await world.list(), await world.list()];
  const orderId = newId();
  const first = await reserve(orderId, { [a]: 2, [b]: 1 }, 60);
  expect(await reserve(orderId, { [b]: 1, [a]: 2 }, 600)).toEqual(first);
  await expect(reserve(orderId, { [a]: 2 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'RESERVATION_MISMATCH' });
  expect(await world.stockOf(a)).toEqual({ onHand: 10, reserved: 2, available: 8 });
});

test('a sale takes the units out of the house, once; a release puts them back, once', async () => {
  const productId = await world.list();
  const orderId = newId();
  await reserve(orderId, { [productId]: 4 });
  for (let twice = 0; twice < 2; twice++) {
    await world.inventory.commitReservation(asOrder(), { orderId });
    expect(await world.stockOf(productId)).toEqual({ onHand: 6, reserved: 0, available: 6 });
  }
  for (let twice = 0; twice < 2; twice++) {
    await world.inventory.releaseReservation(asOrder(), { orderId });
    expect(await world.stockOf(productId)).toEqual({ onHand: 10, reserved: 0, available: 10 });
  }
  const released = { code: 'FAILED_PRECONDITION', reason: 'RESERVATION_RELEASED' };
  await expect(world.inventory.commitReservation(asOrder(), { orderId })).rejects.toMatchObject(released);
  await expect(reserve(orderId, { [productId]: 4 })).rejects.toMatchObject(released);
});

test('a release that overtakes its reservation leaves a tombstone: the late reservation takes nothing', async () => {
  const productId = await world.list();
  const orderId = newId();
  await expect(world.inventory.commitReservation(asOrder(), { orderId })).rejects.toMatchObject({
    reason: 'RESERVATION_NOT_FOUND',
  });
  await world.inventory.releaseReservation(asOrder(), { orderId });
  await expect(reserve(orderId, { [productId]: 1 })).rejects.toMatchObject({ reason: 'RESERVATION_RELEASED' });
  expect(await world.stockOf(productId)).toEqual({ onHand: 10, reserved: 0, available: 10 });
});

test('racing repetitions of one reservation, commit or release have one effect', async () => {
  const productId = await world.list();
  const orderId = newId();
  const five = <T>(call: () => Promise<T>) => Promise.all(Array.from({ length: 5 }, call));
  const answers = await five(() => reserve(orderId, { [productId]: 3 }));
  expect(new Set(answers.map(({ expireTime }) => expireTime!.getTime())).size).toBe(1);
  expect(await world.stockOf(productId)).toEqual({ onHand: 10, reserved: 3, available: 7 });
  await five(() => world.inventory.commitReservation(asOrder(), { orderId }));
  expect(await world.stockOf(productId)).toEqual({ onHand: 7, reserved: 0, available: 7 });
  await five(() => world.inventory.releaseReservation(asOrder(), { orderId }));
  expect(await world.stockOf(productId)).toEqual({ onHand: 10, reserved: 0, available: 10 });
});

test('the seller and an admin correct stock, which leaves a trail; what is reserved stays', async () => {
  const { inventory, sellerId } = world;
  const productId = await world.list();
  await reserve(newId(), { [productId]: 7 });
  const requestId = newId();
  const delivery = { productId, delta: 5n, reason: 'delivery 4711', requestId };
  const { stock } = await inventory.adjustStock(asUser(sellerId), delivery);
  expect(stock).toEqual({ productId, onHand: 15n, reserved: 7n, available: 8n });
  expect((await inventory.adjustStock(asUser(sellerId), delivery)).stock).toEqual(stock);
  await expect(inventory.adjustStock(asAdmin(), { productId, delta: -9n, reason: 'broken' })).rejects.toMatchObject({
    reason: 'INSUFFICIENT_STOCK',
    details: { metadata: { [productId]: '8' } },
  });
  await inventory.adjustStock(asAdmin(), { productId, delta: -8n, reason: 'broken' });
  await eventually(async () => {
    const { movements } = await inventory.listStockMovements(asUser(sellerId), { productId });
    expect(movements.map(({ delta, kind, reason, by }) => [delta, kind, reason, by])).toEqual([
      [-8n, StockMovementKind.CORRECTION, 'broken', 'admin'],
      [5n, StockMovementKind.CORRECTION, 'delivery 4711', sellerId],
      [10n, StockMovementKind.INITIAL, '', ''],
    ]);
  });
});

test('to anybody but its seller a product to correct is as good as missing', async () => {
  const { inventory } = world;
  const productId = await world.list();
  const correct = (id: string) => inventory.adjustStock(asUser(newId()), { productId: id, delta: 1n, reason: 'mine?' });
  const [foreign, missing] = await Promise.allSettled([correct(productId), correct(newId())]);
  const seen = [foreign, missing].map((outcome) =>
    outcome.status === 'rejected' && isAppError(outcome.reason) ? outcome.reason.reason : 'ok',
  );
  expect(seen).toEqual(['PRODUCT_NOT_FOUND', 'PRODUCT_NOT_FOUND']);
});

test('racing corrections and orders lose no unit', async () => {
  const productId = await world.list({ initialStock: 0n });
  const corrections = Array.from({ length: 10 }, () =>
    world.inventory.adjustStock(asAdmin(), { productId, delta: 2n, reason: 'delivery' }),
  );
  const orders = Array.from({ length: 20 }, () => reserve(newId(), { [productId]: 1 }));
  const outcomes = await Promise.allSettled([...corrections, ...orders]);
  const reserved = outcomes.slice(10).filter(({ status }) => status === 'fulfilled').length;
  expect(outcomes.slice(0, 10).every(({ status }) => status === 'fulfilled')).toBe(true);
  expect(await world.stockOf(productId)).toEqual({ onHand: 20, reserved, available: 20 - reserved });
});

test('displayed stock follows within seconds, and a correction shows at once', async () => {
  const productId = await world.list();
  const shown = async () => (await world.products.getProduct(testContext(), { productId })).product!.available;
  expect(await shown()).toBe(10n);
  await world.inventory.adjustStock(asAdmin(), { productId, delta: 5n, reason: 'delivery' });
  expect(await shown()).toBe(15n);
  await reserve(newId(), { [productId]: 6 });
  await eventually(async () => expect(await shown()).toBe(9n), { timeoutMs: 7000 });
});

test('every move of units is published, once, and a tombstone is not', async () => {
  const productId = await world.list();
  const [sold, never] = [newId(), newId()];
  await reserve(sold, { [productId]: 1 });
  await reserve(sold, { [productId]: 1 });
  await world.inventory.commitReservation(asOrder(), { orderId: sold });
  await world.inventory.releaseReservation(asOrder(), { orderId: sold });
  await world.inventory.releaseReservation(asOrder(), { orderId: never });
  await eventually(async () =>
    expect(await world.published([sold, never, productId])).toEqual([
      'ProductCreated',
      'ReservationCommitted',
      'ReservationReleased',
      'StockReserved',
    ]),
  );
});

const reserve = (orderId: string, lines: Record<string, number>, ttlSeconds = 0) =>
  world.inventory.reserveStock(asOrder(), {
    orderId,
    lines: Object.entries(lines).map(([productId, quantity]) => ({ productId, quantity: BigInt(quantity) })),
    ttlSeconds,
  });
