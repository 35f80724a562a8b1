import { newId, pause } from '@plaza/core';
import { asAdmin, createProxy, eventually, testContext, at } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { refusalOf } from './refusal.ts';
import { asOrder, eur, startWorld, type World } from './world.ts';

const WRITERS = 3;
const STEPS = 15;
const PATIENCE_MS = 60_000;
const admin = () => asAdmin(PATIENCE_MS);

/** Two processes, one table, one Redis: what one writes the other reads. */
let here: World;
let there: World;
const beside = (changes: object = {}) =>
  startWorld(async () => ({ namespace: here.config.namespace, userAddress: here.config.userAddress, ...changes }));
beforeAll(async () => {
  here = await startWorld();
  there = await beside();
});
afterAll(async () => {
  await there?.close();
  await here?.close();
});

const etagOf = async (world: World, productId: string): Promise<number | undefined> => {
  const { products } = await world.products.batchGetProducts(admin(), { productIds: [productId] });
  return products[0] && Number(products[0].etag);
};

test(
  'racing writers and readers on two processes: nobody reads what is older than what was acknowledged',
  { timeout: 120_000 },
  async () => {
    // What the last acknowledged write left: the version, and whether it is listed. Changing while a write is under way.
    const known = new Map<string, { version: number; listed: boolean; changing: boolean }>();
    let compared = 0;

    const look = async (world: World, productId: string) => {
      const before = { ...known.get(productId)! };
      const etag = await etagOf(world, productId);
      const now = known.get(productId)!;
      expect(etag ?? before.version, 'never older than acknowledged').toBeGreaterThanOrEqual(before.version);
      if (before.changing || now.changing || now.version !== before.version) return;
      compared++;
      expect(etag).toBe(before.listed ? before.version : undefined);
    };
    const write = async (productId: string, listed: boolean, call: () => Promise<unknown>) => {
      known.get(productId)!.changing = true;
      await call();
      known.set(productId, { version: known.get(productId)!.version + 1, listed, changing: false });
      await Promise.all([look(here, productId), look(there, productId)]);
    };
    const writer = async (world: World) => {
      const productId = await here.list();
      known.set(productId, { version: 1, listed: true, changing: false });
      for (let i = 0; i < STEPS; i++) {
        const changes = { name: `Tea ${i}`, price: eur(100 + i) };
        await write(productId, true, () =>
          world.products.updateProduct(admin(), { productId, changes, updateMask: ['name', 'price'] }),
        );
        await write(productId, false, () => there.products.deleteProduct(admin(), { productId }));
        await write(productId, true, () => here.products.undeleteProduct(admin(), { productId }));
      }
    };
    let writing = true;
    const reader = async (world: World, n: number) => {
      for (let i = n; writing; i++) {
        const ids = [...known.keys()];
        if (ids.length > 0) await look(world, ids[i % ids.length]!);
        else await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const readers = [here, there, here, there].map(reader);
    await Promise.all(Array.from({ length: WRITERS }, (_, n) => writer(n % 2 === 0 ? here : there)));
    writing = false;
    await Promise.all(readers);
    expect(compared, 'reads that raced with nothing').toBeGreaterThan(50);
  },
);

test('a Redis that is slow for a moment leaves nothing deleted on display', async () => {
  await using opened = new AsyncDisposableStack();
  const proxy = opened.adopt(await createProxy({ target: new URL(here.config.redisUrl).host }), (it) => it.close());
  const slow = opened.adopt(await beside({ redisUrl: at(here.config.redisUrl, proxy) }), (it) => it.close());
  for (let round = 0; round < 5; round++) {
    const productId = await here.list();
    expect(await etagOf(there, productId)).toBe(1);
    proxy.stall();
    const healed = pause(150).then(() => proxy.heal());
    await slow.products.deleteProduct(admin(), { productId });
    expect(await etagOf(there, productId)).toBeUndefined();
    await healed;
  }
});

test('displayed stock may be seconds old; what is decided never is', async () => {
  const productId = await here.list({ initialStock: 10n });
  const shown = async () => (await there.products.getProduct(testContext(), { productId })).product!.available;
  expect(await shown()).toBe(10n);
  await here.inventory.reserveStock(asOrder(), { orderId: newId(), lines: [{ productId, quantity: 10n }] });
  const late = await refusalOf(
    there.inventory.reserveStock(asOrder(), { orderId: newId(), lines: [{ productId, quantity: 1n }] }),
  );
  expect(late).toMatchObject({ reason: 'INSUFFICIENT_STOCK', details: { metadata: { [productId]: '0' } } });
  expect(await refusalOf(there.inventory.adjustStock(admin(), { productId, delta: -1n, reason: 'broken' }))).toMatchObject({
    reason: 'INSUFFICIENT_STOCK',
  });
  await eventually(async () => expect(await shown()).toBe(0n), { timeoutMs: 8000 });
});

test('a new listing is in its category when the page that was just read has outlived its 4.5 seconds', async () => {
  const category = `fresh-${newId().toLowerCase()}`;
  const page = async () =>
    (await there.products.listProducts(testContext(), { category })).products.map(({ productId }) => productId);
  expect(await page()).toEqual([]);
  const productId = await here.list({ category });
  await eventually(async () => expect(await page()).toEqual([productId]), { timeoutMs: 8000 });
});

test('the operator sees what each cache is good for', async () => {
  const category = `seen-${newId().toLowerCase()}`;
  const productId = await here.list({ category });
  for (let i = 0; i < 3; i++) {
    await here.products.getProduct(testContext(), { productId });
    await here.products.listProducts(testContext(), { category });
  }
  const text = await (await fetch(`http://127.0.0.1:${here.app.adminPort}/metrics`)).text();
  const seen = [...text.matchAll(/^cache_requests_total\{cache="(\w+)",result="(\w+)"\} [1-9]/gm)].map(
    ([, cache, result]) => `${cache} ${result}`,
  );
  const all = ['product', 'stock', 'category'].flatMap((cache) => [`${cache} hit`, `${cache} miss`]);
  expect(seen).toEqual(expect.arrayContaining(all));
});
