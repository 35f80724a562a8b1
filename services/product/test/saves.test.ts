import { newId } from '@plaza/core';
import { asAdmin, asService, asUser, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { keys, products as productTable } from '../src/store/table.ts';
import { refusalOf } from './refusal.ts';
import { startWorld, type World } from './world.ts';

/** A busy machine takes its time; nobody here minds. */
const PATIENCE_MS = 60_000;
const SLOW = { timeout: 2 * PATIENCE_MS };

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test('a person saves products, and finds them newest first, as they are now', SLOW, async () => {
  const userId = newId();
  const [tea, cup] = [await world.list({ name: 'Tea' }), await world.list({ name: 'Cup', initialStock: 3n })];
  const first = await save(userId, tea);
  await save(userId, cup);
  const { products, nextPageToken } = await world.products.listSavedProducts(asUser(userId), { userId });
  expect(products.map(({ product }) => [product?.name, product?.available])).toEqual([
    ['Cup', 3n],
    ['Tea', 10n],
  ]);
  expect(products[1]!.saveTime).toEqual(first.saveTime);
  expect(nextPageToken).toBe('');
  expect(await saversOf(tea)).toEqual([userId]);
});

test('saving again and unsaving what is not saved change nothing and tell nobody', SLOW, async () => {
  const [userId, productId] = [newId(), await world.list()];
  const first = await save(userId, productId);
  expect(await save(userId, productId)).toEqual(first);
  expect(await save(userId, productId, newId())).toEqual(first);
  await unsave(userId, productId);
  await unsave(userId, productId);
  await unsave(userId, newId());
  expect(await savedBy(userId)).toEqual([]);
  expect(await saversOf(productId)).toEqual([]);
  expect(await tellings(productId)).toEqual(['ProductSaved', 'ProductUnsaved']);
  const again = await save(userId, productId);
  expect(again.saveTime!.getTime()).toBeGreaterThan(first.saveTime!.getTime());
  expect(await savedBy(userId)).toEqual([productId]);
});

test('a request is answered once and for all, whatever came after it, and is worth nothing with another body', SLOW, async () => {
  const [userId, productId, other] = [newId(), await world.list(), await world.list()];
  const ids = { save: newId(), idleSave: newId(), unsave: newId(), idleUnsave: newId() };
  await unsave(userId, productId, ids.idleUnsave);
  const first = await save(userId, productId, ids.save);
  expect(await save(userId, productId, ids.idleSave)).toEqual(first);
  await unsave(userId, productId, ids.idleUnsave);
  expect(await savedBy(userId)).toEqual([productId]);
  await unsave(userId, productId, ids.unsave);
  for (const id of [ids.save, ids.idleSave]) expect(await save(userId, productId, id)).toEqual(first);
  expect(await savedBy(userId)).toEqual([]);
  await world.products.deleteProduct(asAdmin(PATIENCE_MS), { productId });
  expect(await save(userId, productId, ids.save)).toEqual(first);
  const reused = { code: 'INVALID_ARGUMENT', reason: 'REQUEST_ID_REUSED' };
  expect(await refusalOf(save(userId, other, ids.save))).toMatchObject(reused);
  expect(await refusalOf(unsave(userId, other, ids.unsave))).toMatchObject(reused);
});

test('one person, many calls at once: whatever wins, all three rows agree and each change was told', SLOW, async () => {
  const [userId, productId] = [newId(), await world.list()];
  for (let round = 0; round < 5; round++) {
    await Promise.all([1, 2, 3, 4].flatMap(() => [save(userId, productId), unsave(userId, productId)]));
    const saved = await savedBy(userId);
    expect([[], [productId]]).toContainEqual(saved);
    expect(await saversOf(productId)).toEqual(saved.length > 0 ? [userId] : []);
    const row = await world.app.db.get(testContext(), productTable, keys.save(userId, productId));
    expect(row !== undefined).toBe(saved.length > 0);
    const told = await tellings(productId);
    const count = (name: string) => told.filter((each) => each === name).length;
    expect(count('ProductSaved') - count('ProductUnsaved')).toBe(saved.length);
  }
});

test('many people save one product at once', SLOW, async () => {
  const [productId, people] = [await world.list(), Array.from({ length: 20 }, () => newId()).toSorted()];
  await Promise.all(people.map((userId) => world.products.saveProduct(asUser(userId, PATIENCE_MS), { userId, productId })));
  expect(await saversOf(productId)).toEqual(people);
});

test(
  'what is missing, deleted or of a gone seller cannot be saved; it can be unsaved, and is left out while it is away',
  SLOW,
  async () => {
    const [userId, seller] = [newId(), newId()];
    world.people.add(seller);
    const [deleted, gone, kept] = [await world.list(), await world.list({ sellerId: seller }), await world.list()];
    for (const productId of [deleted, gone, kept]) await save(userId, productId);
    await world.products.deleteProduct(asAdmin(PATIENCE_MS), { productId: deleted });
    world.people.delete(seller);
    const notFound = { code: 'NOT_FOUND', reason: 'PRODUCT_NOT_FOUND' };
    for (const productId of [newId(), deleted, gone])
      for (const person of [userId, newId()]) expect(await refusalOf(save(person, productId))).toMatchObject(notFound);
    expect(await savedBy(userId)).toEqual([kept]);
    expect(await saversOf(gone)).toEqual([userId]);

    await world.products.undeleteProduct(asAdmin(PATIENCE_MS), { productId: deleted });
    world.people.add(seller);
    expect(await savedBy(userId)).toEqual([kept, gone, deleted]);
    world.people.delete(seller);
    await unsave(userId, gone);
    world.people.add(seller);
    expect(await savedBy(userId)).toEqual([kept, deleted]);
  },
);

test('pages hold every save once, newest first, past what is hidden, while others come and go', SLOW, async () => {
  const userId = newId();
  const ids: string[] = [];
  for (let i = 0; i < 9; i++) {
    ids.push(await world.list());
    await save(userId, ids[i]!);
  }
  for (const productId of ids.slice(3, 7)) await world.products.deleteProduct(asAdmin(PATIENCE_MS), { productId });
  const left = [ids[8], ids[7], ids[2], ids[1], ids[0]];
  for (const pageSize of [1, 2, 3, 100]) expect(await savedBy(userId, pageSize)).toEqual(left);

  const { products, nextPageToken: pageToken } = await page(userId, { pageSize: 2 });
  expect(products.map(({ product }) => product?.productId)).toEqual(left.slice(0, 2));
  await save(userId, await world.list());
  await unsave(userId, ids[2]!);
  const rest = await page(userId, { pageSize: 100, pageToken });
  expect(rest.products.map(({ product }) => product?.productId)).toEqual([ids[1], ids[0]]);
});

test('savers are listed in pages, ascending, for the feed', SLOW, async () => {
  const productId = await world.list();
  const people = Array.from({ length: 5 }, () => newId());
  for (const userId of people.toReversed()) await save(userId, productId);
  for (const pageSize of [1, 2, 5, 0, 1000]) expect(await saversOf(productId, pageSize)).toEqual(people);
  expect(await saversOf(newId())).toEqual([]);
});

test('nobody saves, unsaves or looks for another, and only the feed and admins see who saved', SLOW, async () => {
  const [userId, productId] = [newId(), await world.list()];
  await save(userId, productId);
  const { products } = world;
  const denied = { code: 'PERMISSION_DENIED', reason: 'POLICY_DENIED' };
  const missing = { code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' };
  const wish = { userId, productId };
  for (const ctx of [asUser(newId()), asAdmin(), asService('feed', userId)]) {
    expect(await refusalOf(products.saveProduct(ctx, wish))).toMatchObject(denied);
    expect(await refusalOf(products.unsaveProduct(ctx, wish))).toMatchObject(denied);
  }
  for (const ctx of [asUser(newId()), asService('feed', userId)])
    expect(await refusalOf(products.listSavedProducts(ctx, { userId }))).toMatchObject(denied);
  expect((await products.listSavedProducts(asAdmin(), { userId })).products).toHaveLength(1);
  for (const ctx of [asUser(userId), asUser(world.sellerId), asService('order')])
    expect(await refusalOf(products.listProductSavers(ctx, { productId }))).toMatchObject(denied);
  expect((await products.listProductSavers(asAdmin(), { productId })).userIds).toEqual([userId]);
  for (const call of [products.saveProduct, products.unsaveProduct])
    expect(await refusalOf(call(testContext(), wish))).toMatchObject(missing);
  expect(await refusalOf(products.listSavedProducts(testContext(), { userId }))).toMatchObject(missing);
  expect(await refusalOf(products.listProductSavers(testContext(), { productId }))).toMatchObject(missing);
});

test('bad input and foreign page tokens are refused by name', SLOW, async () => {
  const userId = newId();
  const productId = await world.list();
  for (const each of [productId, await world.list()]) await save(userId, each);
  const invalid = { code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD' };
  const bad: [() => Promise<unknown>, string][] = [
    [() => save(userId, 'tea'), 'product_id'],
    [() => save(userId, ''), 'product_id'],
    [() => save(userId, productId, 'again'), 'request_id'],
    [() => unsave(userId, `${productId}0`), 'product_id'],
    [() => page(userId, { pageSize: -1 }), 'page_size'],
    [() => page(userId, { pageSize: 101 }), 'page_size'],
    [() => world.products.listProductSavers(feed(), { productId, pageSize: 1001 }), 'page_size'],
    [() => world.products.listProductSavers(feed(), { productId: 'tea' }), 'product_id'],
  ];
  for (const [call, field] of bad)
    expect(await refusalOf(call())).toMatchObject({ ...invalid, details: { violations: [{ field }] } });

  const token = { code: 'INVALID_ARGUMENT', reason: 'PAGE_TOKEN_INVALID' };
  const { nextPageToken: pageToken } = await page(userId, { pageSize: 1 });
  const list = (ctx: ReturnType<typeof asUser>, other: object) =>
    refusalOf(world.products.listSavedProducts(ctx, { userId, pageToken, ...other }));
  expect(await list(asAdmin(), {})).toMatchObject(token);
  expect(await list(asUser(userId), { pageToken: `${pageToken}A` })).toMatchObject(token);
  const stranger = newId();
  expect(await list(asUser(stranger), { userId: stranger })).toMatchObject(token);
  await save(stranger, productId);
  const savers = await world.products.listProductSavers(feed(), { productId, pageSize: 1 });
  expect(savers.nextPageToken).not.toBe('');
  const other = { productId: newId(), pageToken: savers.nextPageToken };
  expect(await refusalOf(world.products.listProductSavers(feed(), other))).toMatchObject(token);
});

const save = (userId: string, productId: string, requestId = newId()) =>
  world.products.saveProduct(asUser(userId, PATIENCE_MS), { userId, productId, requestId });

const unsave = (userId: string, productId: string, requestId = newId()) =>
  world.products.unsaveProduct(asUser(userId, PATIENCE_MS), { userId, productId, requestId });

const page = (userId: string, paging: { pageSize?: number; pageToken?: string }) =>
  world.products.listSavedProducts(asUser(userId, PATIENCE_MS), { userId, ...paging });

const savedBy = async (userId: string, pageSize = 0): Promise<string[]> => {
  const seen: string[] = [];
  let pageToken = '';
  do {
    const { products, nextPageToken } = await page(userId, { pageSize, pageToken });
    seen.push(...products.map(({ product }) => product!.productId));
    pageToken = nextPageToken;
  } while (pageToken !== '');
  return seen;
};

const feed = () => asService('feed');

const saversOf = async (productId: string, pageSize = 0): Promise<string[]> => {
  const seen: string[] = [];
  let pageToken = '';
  do {
    const { userIds, nextPageToken } = await world.products.listProductSavers(feed(), { productId, pageSize, pageToken });
    seen.push(...userIds);
    pageToken = nextPageToken;
  } while (pageToken !== '');
  return seen;
};

/** Events about saves of this product, published or on their way. */
const tellings = async (productId: string): Promise<string[]> => {
  const outbox = await Promise.all(
    [0, 1, 2, 3].map((shard) => world.app.db.query(testContext(), productTable, { pk: `OX#${shard}` })),
  );
  const waiting = outbox.flatMap(({ items }) => items).filter(({ aggregateId }) => aggregateId === productId);
  const names = new Set(waiting.map(({ sk, subject }) => `${sk} ${(subject as string).split('.').at(-1)}`));
  const told = [...names].map((each) => each.split(' ')[1]!);
  return [...told, ...(await world.published([productId]))].filter((name) => /Saved|Unsaved/.test(name)).toSorted();
};
