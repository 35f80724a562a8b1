import { newId, type AppError } from '@plaza/core';
import { insert, update } from '@plaza/dynamo';
import { ReservationState, StockMovementKind } from '@plaza/proto/plaza/product/v1/inventory_service';
import { asAdmin, asService, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { keys, products as productTable } from '../src/store/table.ts';
import { asOrder, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const denied = { code: 'PERMISSION_DENIED', reason: 'POLICY_DENIED' };
const notFound = { code: 'NOT_FOUND', reason: 'PRODUCT_NOT_FOUND' };

test('stock is told as it is now to those who manage the product and to services, and to nobody else', async () => {
  const { inventory, sellerId } = world;
  const productId = await world.list();
  await reserve(newId(), { [productId]: 3 });
  const stock = { productId, onHand: 10n, reserved: 3n, available: 7n };
  for (const ctx of [asUser(sellerId), asAdmin(), asOrder(), asService('feed')])
    expect((await inventory.getStock(ctx, { productId })).stock).toEqual(stock);
  await expect(inventory.getStock(asUser(newId()), { productId })).rejects.toMatchObject(notFound);
  await expect(inventory.getStock(asUser(sellerId), { productId: newId() })).rejects.toMatchObject(notFound);
  await expect(inventory.getStock(asService('user'), { productId })).rejects.toMatchObject(denied);
  await world.products.deleteProduct(asUser(sellerId), { productId });
  for (const ctx of [asUser(sellerId), asAdmin()]) expect((await inventory.getStock(ctx, { productId })).stock).toEqual(stock);
  await expect(inventory.getStock(asOrder(), { productId })).rejects.toMatchObject(notFound);
});

test('a deleted product cannot be reserved or corrected; what was reserved before settles, and it can be sold when it is back', async () => {
  const { inventory, products, sellerId } = world;
  const [productId, other] = [await world.list(), await world.list()];
  const [sold, released] = [newId(), newId()];
  await reserve(sold, { [productId]: 2 });
  await reserve(released, { [productId]: 3 });
  await products.deleteProduct(asUser(sellerId), { productId });
  const inactive = {
    code: 'FAILED_PRECONDITION',
    reason: 'PRODUCT_INACTIVE',
    details: { metadata: { product_ids: productId } },
  };
  await expect(reserve(newId(), { [productId]: 1, [other]: 1 })).rejects.toMatchObject(inactive);
  await expect(inventory.adjustStock(asAdmin(), { productId, delta: 1n, reason: 'x' })).rejects.toMatchObject(inactive);
  await inventory.commitReservation(asOrder(), { orderId: sold });
  await inventory.releaseReservation(asOrder(), { orderId: released });
  expect(await world.stockOf(productId)).toEqual({ onHand: 8, reserved: 0, available: 8 });
  expect(await world.stockOf(other)).toEqual({ onHand: 10, reserved: 0, available: 10 });
  await products.undeleteProduct(asUser(sellerId), { productId });
  await reserve(newId(), { [productId]: 8 });
});

test('deletions race with orders and corrections: whoever was first decides, and no unit is lost', async () => {
  const { inventory, products } = world;
  const productId = await world.list({ initialStock: 50n });
  const orders = Array.from({ length: 20 }, () => reserve(newId(), { [productId]: 1 }));
  const corrections = Array.from({ length: 10 }, () => inventory.adjustStock(asAdmin(), { productId, delta: 1n, reason: 'x' }));
  const deletion = products.deleteProduct(asAdmin(), { productId });
  const outcomes = await Promise.allSettled([...orders, ...corrections]);
  await deletion;
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as AppError] : []));
  for (const { reason } of reasons) expect(reason).toBe('PRODUCT_INACTIVE');
  const done = (from: number, to: number) => outcomes.slice(from, to).filter(({ status }) => status === 'fulfilled').length;
  const [reserved, added] = [done(0, 20), done(20, 30)];
  expect(await world.stockOf(productId)).toEqual({ onHand: 50 + added, reserved, available: 50 + added - reserved });
});

test('what an order did not come for in time is taken back within seconds, and cannot be sold any more', async () => {
  const { inventory } = world;
  const productId = await world.list();
  const orderId = newId();
  await reserve(orderId, { [productId]: 10 }, 1);
  await eventually(async () => expect((await world.stockOf(productId)).available).toBe(10));
  const { reservation } = await inventory.getReservation(asOrder(), { orderId });
  expect(reservation).toMatchObject({ orderId, state: ReservationState.EXPIRED, lines: [{ productId, quantity: 10n }] });
  const expired = { code: 'FAILED_PRECONDITION', reason: 'RESERVATION_EXPIRED' };
  await expect(inventory.commitReservation(asOrder(), { orderId })).rejects.toMatchObject(expired);
  await expect(reserve(orderId, { [productId]: 10 })).rejects.toMatchObject(expired);
  await inventory.releaseReservation(asOrder(), { orderId });
  expect(await world.stockOf(productId)).toEqual({ onHand: 10, reserved: 0, available: 10 });
  await eventually(async () =>
    expect(await world.published([orderId])).toEqual(['ReservationExpired', 'StockDepleted', 'StockReserved', 'StockRestocked']),
  );
});

test('a reservation is told in every state to order and admins', async () => {
  const { inventory, sellerId } = world;
  const productId = await world.list();
  const orderId = newId();
  const state = async () => (await inventory.getReservation(asAdmin(), { orderId })).reservation!.state;
  await expect(state()).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'RESERVATION_NOT_FOUND' });
  const { expireTime } = await reserve(orderId, { [productId]: 2 }, 60);
  const { reservation } = await inventory.getReservation(asOrder(), { orderId });
  expect(reservation).toMatchObject({ orderId, lines: [{ productId, quantity: 2n }], expireTime });
  expect(await state()).toBe(ReservationState.RESERVED);
  await inventory.commitReservation(asOrder(), { orderId });
  expect(await state()).toBe(ReservationState.COMMITTED);
  await inventory.releaseReservation(asOrder(), { orderId });
  expect(await state()).toBe(ReservationState.RELEASED);
  await expect(inventory.getReservation(asUser(sellerId), { orderId })).rejects.toMatchObject(denied);
});

test('all movements of a product are listed, newest first, in pages, and add up to what is on hand', async () => {
  const { inventory, sellerId } = world;
  const productId = await world.list();
  const orderId = newId();
  await inventory.adjustStock(asUser(sellerId), { productId, delta: -1n, reason: 'broken' });
  await reserve(orderId, { [productId]: 4 });
  await inventory.commitReservation(asOrder(), { orderId });
  await inventory.releaseReservation(asOrder(), { orderId });
  const given = newId();
  await reserve(given, { [productId]: 2 });
  await inventory.releaseReservation(asOrder(), { orderId: given });
  const { INITIAL, CORRECTION, SALE, RETURN } = StockMovementKind;
  await eventually(async () =>
    expect(await trail(productId)).toEqual([
      [4n, RETURN, orderId],
      [-4n, SALE, orderId],
      [-1n, CORRECTION, ''],
      [10n, INITIAL, ''],
    ]),
  );
  const total = (await trail(productId)).reduce((sum, [delta]) => sum + delta, 0n);
  expect(total).toBe(BigInt((await world.stockOf(productId)).onHand));
  await expect(inventory.listStockMovements(asUser(newId()), { productId })).rejects.toMatchObject(notFound);
  await expect(inventory.listStockMovements(asUser(sellerId), { productId: newId() })).rejects.toMatchObject(notFound);
});

test('a seller finds what runs low, over all pages, without what is deleted', async () => {
  const { inventory, products } = world;
  const sellerId = newId();
  world.people.add(sellerId);
  const ids: string[] = [];
  for (const units of [0n, 5n, 6n, 3n, 100n, 1n, 2n]) ids.push(await world.list({ sellerId, initialStock: units }));
  await products.deleteProduct(asAdmin(), { productId: ids[5]! });
  const low = async (threshold?: bigint, pageSize = 0) => {
    const found: string[] = [];
    let pageToken = '';
    do {
      const filter = { sellerId, pageSize, pageToken, ...(threshold !== undefined && { threshold }) };
      const page = await inventory.listLowStock(asUser(sellerId), filter);
      found.push(...page.stocks.map(({ productId }) => productId));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return found;
  };
  const [none, five, , three, , , two] = ids;
  await eventually(async () => expect(await low()).toEqual([two, three, five, none]));
  expect(await low(undefined, 1)).toEqual([two, three, five, none]);
  expect(await low(2n)).toEqual([two, none]);
  expect(await low(0n)).toEqual([none]);
  await reserve(newId(), { [two!]: 2 });
  expect(await low(0n)).toEqual([two, none]);
  await expect(inventory.listLowStock(asUser(newId()), { sellerId })).rejects.toMatchObject(denied);
});

test('a recount agrees with stock that moved in every way, and finds what was tampered with', async () => {
  const { inventory, app } = world;
  const [moved, wrong, unexplained] = [await world.list(), await world.list(), await world.list()];
  const orders = Array.from({ length: 4 }, () => newId());
  for (const orderId of orders) await reserve(orderId, { [moved]: 2 });
  await inventory.commitReservation(asOrder(), { orderId: orders[0]! });
  await inventory.commitReservation(asOrder(), { orderId: orders[1]! });
  await inventory.releaseReservation(asOrder(), { orderId: orders[1]! });
  await inventory.releaseReservation(asOrder(), { orderId: orders[2]! });
  await inventory.adjustStock(asAdmin(), { productId: moved, delta: 5n, reason: 'delivery' });
  const count = async (productIds: string[]) => (await inventory.reconcileStock(asAdmin(), { productIds })).counts;
  await eventually(async () =>
    expect(await count([moved, newId()])).toEqual([
      {
        productId: moved,
        stock: { productId: moved, onHand: 13n, reserved: 2n, available: 11n },
        countedOnHand: 13n,
        countedReserved: 2n,
        agrees: true,
        moving: false,
      },
    ]),
  );
  await eventually(async () => expect((await count([wrong, unexplained])).map(({ agrees }) => agrees)).toEqual([true, true]));

  await app.db.transact(testContext(), [update(productTable, keys.stock(wrong), { add: { reserved: 1, available: -1 } })]);
  const movement = { movementId: newId(), productId: unexplained, kind: 'CORRECTION', delta: 1, reason: '', by: 'admin', at: 0 };
  await app.db.write(testContext(), insert(productTable, { ...keys.movement(unexplained, movement.movementId), ...movement }));
  const counts = await count([moved, wrong, unexplained]);
  expect(counts.map(({ productId, agrees }) => [productId, agrees])).toEqual([
    [moved, true],
    [wrong, false],
    [unexplained, false],
  ]);
  expect(counts[1]).toMatchObject({ countedReserved: 0n, stock: { reserved: 1n } });
  expect(counts[2]).toMatchObject({ countedOnHand: 11n, stock: { onHand: 10n } });
  await expect(inventory.reconcileStock(asOrder(), { productIds: [moved] })).rejects.toMatchObject(denied);
});

const trail = async (productId: string) => {
  const found: [bigint, StockMovementKind, string][] = [];
  let pageToken = '';
  do {
    const page = await world.inventory.listStockMovements(asUser(world.sellerId), { productId, pageSize: 1, pageToken });
    found.push(...page.movements.map(({ delta, kind, orderId }): [bigint, StockMovementKind, string] => [delta, kind, orderId]));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return found;
};

const reserve = (orderId: string, lines: Record<string, number>, ttlSeconds = 0) =>
  world.inventory.reserveStock(asOrder(), {
    orderId,
    lines: Object.entries(lines).map(([productId, quantity]) => ({ productId, quantity: BigInt(quantity) })),
    ttlSeconds,
  });
