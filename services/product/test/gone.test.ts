import { productClients } from '@plaza/clients';
import { newId, noMetrics, silentLog } from '@plaza/core';
import { eventually, testContext, testKeys } from '@plaza/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { asOrder, eur, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
beforeEach(() => {
  world.away.user = false;
});
afterAll(() => world.close());

test('what a seller offers is gone with the seller, from one read to the next, and back as soon', async () => {
  const seller = newcomer();
  const category = `gone-${newId().toLowerCase()}`;
  const kept = await world.list({ category, price: eur(200) });
  const theirs = await world.list({ category, price: eur(100), sellerId: seller });
  const seen = async () => {
    const single = await world.products.getProduct(testContext(), { productId: theirs }).catch((error: unknown) => error);
    const batch = await world.products.batchGetProducts(testContext(), { productIds: [theirs, kept] });
    const page = await world.products.listProducts(testContext(), { category, pageSize: 1 });
    return [single, batch.products.map(idOf), batch.missingIds, page.products.map(idOf)];
  };
  const before = [{ product: expect.objectContaining({ productId: theirs }) }, [theirs, kept], [], [theirs]];
  // The index that lists a category is a moment behind.
  await eventually(async () => expect(await seen()).toEqual(before));
  world.people.delete(seller);
  expect(await seen()).toEqual([
    expect.objectContaining({ code: 'NOT_FOUND', reason: 'PRODUCT_NOT_FOUND' }),
    [kept],
    [theirs],
    [kept],
  ]);
  world.people.add(seller);
  expect(await seen()).toEqual(before);
});

test('a list full of what is hidden goes on: short pages carry a token, and nothing is lost or shown twice', async () => {
  const seller = newcomer();
  const category = `crowded-${newId().toLowerCase()}`;
  for (let i = 1; i <= 14; i++) await world.list({ category, price: eur(i), sellerId: seller });
  const last = await world.list({ category, price: eur(99) });
  world.people.delete(seller);
  const walk = async () => {
    const pages: string[][] = [];
    let pageToken = '';
    do {
      const page = await world.products.listProducts(testContext(), { category, pageSize: 2, pageToken });
      pages.push(page.products.map(idOf));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return pages;
  };
  await eventually(async () => expect(await walk()).toEqual([[], [last]]));
});

test('orders in flight settle: stock of a seller who is gone is reserved, sold and given back', async () => {
  const seller = newcomer();
  const productId = await world.list({ sellerId: seller });
  world.people.delete(seller);
  const [sold, returned] = [newId(), newId()];
  for (const orderId of [sold, returned])
    await world.inventory.reserveStock(asOrder(), { orderId, lines: [{ productId, quantity: 2n }], ttlSeconds: 60 });
  await world.inventory.commitReservation(asOrder(), { orderId: sold });
  await world.inventory.releaseReservation(asOrder(), { orderId: returned });
  expect(await world.stockOf(productId)).toEqual({ onHand: 8, reserved: 0, available: 8 });
});

test('without the user service, sellers who were confirmed within a minute are shown, others are not told about', async () => {
  const [known, unknown] = [await world.list(), await world.list({ sellerId: newcomer() })];
  await world.products.getProduct(testContext(), { productId: known });
  world.away.user = true;
  expect((await world.products.getProduct(testContext(), { productId: known })).product?.productId).toBe(known);
  const address = `127.0.0.1:${world.app.port}`;
  using hurried = disposable(productClients({ address, token: testKeys().tokenOf, log: silentLog, metrics: noMetrics }));
  await expect(hurried.products.getProduct(testContext(), { productId: unknown })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    reason: 'PEER_UNAVAILABLE',
  });
});

const disposable = <T extends { close(): void }>(it: T) => ({ ...it, [Symbol.dispose]: () => it.close() });

const idOf = ({ productId }: { productId: string }) => productId;

const newcomer = (): string => {
  const seller = newId();
  world.people.add(seller);
  return seller;
};
