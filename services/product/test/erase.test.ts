import { newId } from '@plaza/core';
import { userErasureRequested } from '@plaza/events';
import { asAdmin, asUser, eventually, startEventSource, testContext, type EventSource } from '@plaza/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { products as productTable, wordPartition } from '../src/store/table.ts';
import { asOrder, eur, startWorld, type World } from './world.ts';

let world: World;
let events: EventSource;
beforeAll(async () => {
  world = await startWorld();
  const { natsUrl, namespace } = world.config;
  events = startEventSource({ natsUrl, namespace, owner: 'user' });
});
beforeEach(() => {
  world.away.user = false;
});
afterAll(async () => {
  await events?.close();
  await world?.close();
});

test('the listings of an erased seller are tombstones, their stock stays, and the receipt says so', async () => {
  const { seller, category, ids } = await shop(3);
  const orderId = newId();
  await world.inventory.reserveStock(asOrder(), { orderId, lines: [{ productId: ids[0]!, quantity: 4n }] });
  await world.products.getProduct(testContext(), { productId: ids[1]! });
  await eventually(async () => expect(await wordsOf('handpicked')).toHaveLength(3));
  world.people.delete(seller);
  await events.publish(userErasureRequested, { userId: seller, deleteTime: longAgo() });
  const [report] = await reportsOf(seller, 1);
  expect(report).toMatchObject({ erased: [{ kind: 'listings', count: 3n }, NO_SAVES] });
  expect(report!.kept.join()).toContain('stock');

  // Even if the user service knew the person: there is nothing left to show.
  world.people.add(seller);
  const batch = await world.products.batchGetProducts(testContext(), { productIds: ids });
  expect([batch.products, batch.missingIds]).toEqual([[], ids]);
  expect((await world.products.listProducts(testContext(), { category })).products).toEqual([]);
  for (const productId of ids) expect(JSON.stringify(await rowOf(productId))).not.toMatch(/Rare leaf|handpicked/);
  expect(await wordsOf('handpicked')).toEqual([]);
  await world.inventory.commitReservation(asOrder(), { orderId });
  expect(await world.stockOf(ids[0]!)).toEqual({ onHand: 6, reserved: 0, available: 6 });
});

test('delivered again, it answers the same; what others sell is not touched', async () => {
  const { seller, ids } = await shop(2);
  const kept = await world.list({ name: 'Another' });
  world.people.delete(seller);
  const event = await events.publish(userErasureRequested, { userId: seller, deleteTime: longAgo() });
  const [first] = await reportsOf(seller, 1);
  const before = await Promise.all(ids.map(rowOf));
  await events.replay(event);
  expect((await reportsOf(seller, 2))[1]).toEqual(first);
  expect(await Promise.all(ids.map(rowOf))).toEqual(before);
  expect((await world.products.getProduct(testContext(), { productId: kept })).product!.name).toBe('Another');
});

test('a report that does not get through is repeated; of somebody who never sold there is nothing to erase', async () => {
  const nobody = newId();
  world.away.user = true;
  await events.publish(userErasureRequested, { userId: nobody, deleteTime: longAgo() });
  await eventually(async () => {
    const row = await world.app.db.get(testContext(), productTable, { pk: `ERASED#${nobody}`, sk: 'ERASED' });
    expect(row).toHaveProperty('doneAt');
  });
  world.away.user = false;
  expect(await reportsOf(nobody, 1)).toMatchObject([{ erased: [{ kind: 'listings', count: 0n }, NO_SAVES] }]);
});

test('what the seller asked for just before the deletion is erased too', async () => {
  const { seller, ids } = await shop(1);
  // The deletion was 9 s ago: a call that was admitted before it may still write.
  await events.publish(userErasureRequested, { userId: seller, deleteTime: new Date(Date.now() - 9_000) });
  const late = await world.products.createProduct(asUser(seller), wish({ sellerId: seller }));
  world.people.delete(seller);
  expect(await reportsOf(seller, 1)).toMatchObject([{ erased: [{ kind: 'listings', count: 2n }, NO_SAVES] }]);
  for (const productId of [...ids, late.product!.productId]) expect(await rowOf(productId)).toHaveProperty('erasedAt');
});

test('what an erased person saved is forgotten, on both sides, and those who also saved it do not notice', async () => {
  const [person, other] = [newId(), newId()];
  const ids = [await world.list(), await world.list(), await world.list()];
  for (const productId of ids) await world.products.saveProduct(asUser(person), { userId: person, productId });
  await world.products.saveProduct(asUser(other), { userId: other, productId: ids[0]! });
  await world.products.unsaveProduct(asUser(person), { userId: person, productId: ids[2]! });
  const event = await events.publish(userErasureRequested, { userId: person, deleteTime: longAgo() });
  const receipt = {
    erased: [
      { kind: 'listings', count: 0n },
      { kind: 'saves', count: 2n },
    ],
  };
  expect(await reportsOf(person, 1)).toMatchObject([receipt]);
  expect((await world.products.listSavedProducts(asUser(person), { userId: person })).products).toEqual([]);
  const savers = ids.map((productId) => world.products.listProductSavers(asAdmin(), { productId }));
  expect((await Promise.all(savers)).map(({ userIds }) => userIds)).toEqual([[other], [], []]);
  await events.replay(event);
  expect(await reportsOf(person, 2)).toMatchObject([receipt, receipt]);
  for (const productId of ids)
    await eventually(async () => {
      const published = await world.published([productId]);
      expect(published.filter((name) => name === 'ProductUnsaved')).toHaveLength(1);
    });
});

const NO_SAVES = { kind: 'saves', count: 0n };

const longAgo = () => new Date(Date.now() - 60_000);

const wish = (fields: object = {}) => ({
  name: 'Rare leaf',
  description: 'handpicked',
  category: 'tea',
  price: eur(100),
  initialStock: 10n,
  ...fields,
});

/** A new seller with so many listings in a category of their own. */
const shop = async (size: number) => {
  const seller = newId();
  const category = `shop-${newId().toLowerCase()}`;
  world.people.add(seller);
  const ids: string[] = [];
  for (let i = 0; i < size; i++) ids.push(await world.list(wish({ sellerId: seller, category })));
  return { seller, category, ids };
};

const rowOf = (productId: string) => world.app.db.get(testContext(), productTable, { pk: `P#${productId}`, sk: 'META' });

/** What the index of the search knows by a word. */
const wordsOf = async (word: string) =>
  (await world.app.db.query(testContext(), productTable, { pk: wordPartition(word), sk: { beginsWith: word } })).items;

const reportsOf = (userId: string, count: number) =>
  eventually(
    () => {
      const reports = world.reports.filter((report) => report.userId === userId);
      expect(reports).toHaveLength(count);
      return reports;
    },
    { timeoutMs: 20_000 },
  );
