import { mutationOf, newId, type Context } from '@plaza/core';
import { createMemoryDb, type Db, type Faults } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { newProduct, type Product } from '../domain/product.ts';
import { createErasureStore } from './erasure-store.ts';
import { createProductStore } from './product-store.ts';
import { createProjectionStore } from './projection-store.ts';
import { categoryKey, contentOf, countShards, keys, products, wordPartition, wordParts } from './table.ts';

const LISTINGS = 120;
/** More than one page of the index. */
const FEW = 52;
const DEATH = new Error('the process died here');

test('wherever it breaks off, the next try finishes the rest, and the count is exact', { timeout: 120_000 }, async () => {
  for (let survived = 0, whole = false; !whole; survived++) {
    let commands = Number.POSITIVE_INFINITY;
    const { erasures, seller, listings, everything, findable } = await world(
      () => {
        if (commands-- <= 0) throw DEATH;
        return undefined;
      },
      undefined,
      FEW,
    );
    const run = async () => {
      await erasures.eraseListings(testContext(), seller);
      return erasures.finish(testContext(), seller);
    };
    commands = survived;
    whole = await run().then(
      () => true,
      (error: unknown) => {
        expect(error).toBe(DEATH);
        return false;
      },
    );
    commands = Number.POSITIVE_INFINITY;
    expect(await run()).toEqual({ listings: FEW, saves: 0 });
    expect(await erasures.finished(testContext(), seller)).toEqual({ listings: FEW, saves: 0 });
    expect(await findable()).toEqual([]);
    for (const product of await everything(listings)) {
      expect(product).toMatchObject({ sellerId: seller, name: '', description: '', version: 2, price: { minor: 1 } });
      expect(product).toHaveProperty('erasedAt');
    }
  }
});

test('what others list is left alone, and nothing of the seller is in the catalogue or the cache', async () => {
  const { erasures, seller, listings, others, everything, catalogue, cached } = await world();
  expect(await catalogue()).toHaveLength(LISTINGS + others.length);
  await erasures.eraseListings(testContext(), seller);
  expect(await catalogue()).toEqual(others);
  expect((await everything(others)).map(({ name }) => name)).toEqual(others.map(() => 'Tea'));
  expect([...cached.keys()].toSorted()).toEqual(listings.toSorted());
  expect([...cached.values()].every(({ name }) => name === '')).toBe(true);
});

test('no word of the seller stays in the index, also if the products were never there; others stay and are counted', async () => {
  const { erasures, seller, others, findable, counted } = await world();
  expect([(await findable()).length, await counted()]).toEqual([LISTINGS / 2, LISTINGS / 2 + others.length]);
  await erasures.eraseListings(testContext(), seller);
  expect(await findable()).toEqual([]);
  expect(await findable('plain')).toEqual(others);
  expect(await counted()).toBe(others.length);
});

test('two deliveries at once count each listing once', async () => {
  const { erasures, seller } = await world();
  await Promise.all([1, 2, 3].map(() => erasures.eraseListings(testContext(), seller)));
  expect(await erasures.finish(testContext(), seller)).toEqual({ listings: LISTINGS, saves: 0 });
});

test('a listing that the index tells late is erased too', async () => {
  const late = { queries: 0 };
  const { erasures, seller, listings, everything } = await world(undefined, (db) => ({
    ...db,
    // The newest listing is not in the index yet when it is read for the first time, three pages.
    query: async (ctx, table, query) => {
      const page = await db.query(ctx, table, query);
      if (query.index !== 'bySeller' || ++late.queries > 3) return page;
      return { ...page, items: page.items.filter(({ pk }) => pk !== keys.product(listings.at(-1)!).pk) };
    },
  }));
  await erasures.eraseListings(testContext(), seller);
  expect(await erasures.finish(testContext(), seller)).toEqual({ listings: LISTINGS, saves: 0 });
  for (const product of await everything(listings)) expect(product).toHaveProperty('erasedAt');
});

const world = async (faults: Faults = () => undefined, through: (db: Db) => Db = (db) => db, size = LISTINGS) => {
  let live = false;
  const db = createMemoryDb({ faults: (call) => (live ? faults(call) : undefined) });
  const cached = new Map<string, Product>();
  const cache = {
    get: <T>(_ctx: unknown, _id: string, load: () => Promise<T>) => load(),
    getMany: <T>(_ctx: unknown, ids: readonly string[], load: (missing: string[]) => Promise<T>) => load([...ids]),
    put: async (_ctx: unknown, id: string, product: Product) => cached.set(id, product).has(id),
    bury: () => Promise.resolve(true),
  };
  const [seller, other] = [newId(), newId()];
  const store = createProductStore({ db, cache, relay: { nudge: () => undefined } });
  const list = async (ctx: Context, sellerId: string): Promise<string> => {
    const description = sellerId === seller ? 'fine' : 'plain';
    const draft = { sellerId, name: 'Tea', description, category: 'tea', price: { currency: 'EUR', minor: 1 } };
    const listing = { product: newProduct(newId(), draft, 0), available: 1 };
    await store.create(ctx, { mutation: mutationOf(ctx, newId(), {}), draft: () => listing });
    return listing.product.productId;
  };
  const listAll = (sellerId: string, count: number) =>
    Promise.all(Array.from({ length: count }, () => list(testContext(), sellerId)));
  const [listings, others] = [await listAll(seller, size), await listAll(other, 3)];
  const projections = createProjectionStore({ db });
  // The events about every second listing of the seller are late.
  for (const id of [...listings.filter((_, i) => i % 2 === 0), ...others]) await projections.project(testContext(), id);
  live = true;
  return {
    seller,
    listings,
    others: others.toSorted(),
    cached,
    erasures: createErasureStore({ db: through(db), cache, projections, now: () => 1_000 }),
    findable: async (word = 'fine') => {
      const { items } = await db.query(testContext(), products, { pk: wordPartition(word), sk: { beginsWith: `${word} ` } });
      return items.map(({ sk }) => wordParts(sk).productId).toSorted();
    },
    counted: async () => {
      const counts = await Promise.all(countShards.map((pk) => db.query(testContext(), products, { pk, sk: { eq: 'tea' } })));
      return counts.flatMap(({ items }) => items).reduce((sum, { count }) => sum + Number(count), 0);
    },
    everything: async (ids: readonly string[]) =>
      (await db.batchGet(testContext(), products, ids.map(keys.product))).map((item) => contentOf<Product>(item!)),
    catalogue: async () => {
      const { items } = await db.query(testContext(), products, { index: 'byNewest', pk: categoryKey('tea', 'EUR') });
      return items.map(({ productId }) => productId as string).toSorted();
    },
  };
};
