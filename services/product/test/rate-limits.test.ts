import { readFileSync } from 'node:fs';

import { newId } from '@plaza/core';
import { asAdmin, asUser, testContext, type Engine, startRedis } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { refusalOf } from './refusal.ts';
import { asOrder, eur, startWorld, type World } from './world.ts';

const limited = (limit: number, windowS: number) => ({
  code: 'RESOURCE_EXHAUSTED',
  reason: 'RATE_LIMITED',
  details: { metadata: { limit: String(limit), window_s: String(windowS) }, retryAfterMs: expect.any(Number) },
});

// A world with limits; its Redis is its own, because the address that all tests call from is counted in it.
let redis: Engine;
let world: World;
beforeAll(async () => {
  redis = await startRedis();
  world = await startWorld(async () => ({ rateLimits: 1, redisUrl: redis.url }));
});
afterAll(async () => {
  await world?.close();
  await redis?.stop();
});

const times = async (count: number, call: () => Promise<unknown>) => {
  for (let i = 0; i < count; i++) await call();
};

test('a person reads each method 100 times a minute, and others are not held up by that', async () => {
  const productId = await world.list();
  const [eager, other] = [newId(), newId()];
  const read = (userId: string) => world.products.getProduct(asUser(userId), { productId });
  await times(100, () => read(eager));
  expect(await refusalOf(read(eager))).toMatchObject(limited(100, 60));
  await read(other);
  await world.products.batchGetProducts(asUser(eager), { productIds: [productId] });
});

test('without a token an address reads 100 times an hour; services and admins are not limited', async () => {
  const productId = await world.list();
  const read = (ctx = testContext()) => world.products.batchGetProducts(ctx, { productIds: [productId] });
  await times(100, read);
  expect(await refusalOf(read())).toMatchObject(limited(100, 3600));
  await times(101, () => read(asOrder()));
  await read(asAdmin());
});

test('a seller lists 200 products an hour; an import by an admin is not limited', async () => {
  const seller = newId();
  // Not a user: refused after it was counted, which is quicker than 200 listings.
  const wish = { sellerId: seller, name: 'Tea', category: 'tea', price: eur(1), initialStock: 0n };
  const list = () => world.products.createProduct(asUser(seller), { ...wish, requestId: newId() });
  await times(200, async () => expect(await refusalOf(list())).toMatchObject({ reason: 'SELLER_NOT_FOUND' }));
  expect(await refusalOf(list())).toMatchObject(limited(200, 3600));
  await world.list();
});

test('a person saves 300 times an hour', async () => {
  const userId = newId();
  const save = () => world.products.saveProduct(asUser(userId), { userId, productId: newId() });
  await times(300, async () => expect(await refusalOf(save())).toMatchObject({ reason: 'PRODUCT_NOT_FOUND' }));
  expect(await refusalOf(save())).toMatchObject(limited(300, 3600));
});

test('no call of a person or of the anonymous is without a limit', () => {
  const rpcs = ['product_service', 'inventory_service'].flatMap((file) => {
    const proto = readFileSync(new URL(`../../../proto/plaza/product/v1/${file}.proto`, import.meta.url), 'utf8');
    return [...proto.matchAll(/rpc (\w+)\([^]*?\.policy\) = \{([^]*?)\n    \};/g)].map(([, name = '', policy = '']) => ({
      name,
      policy,
    }));
  });
  expect(rpcs).toHaveLength(25);
  const admits = (grant: RegExp) => rpcs.filter(({ policy }) => grant.test(policy)).map(({ name }) => name);
  const limitedBy = (kind: string) => rpcs.filter(({ policy }) => policy.includes(`${kind}: true\n`)).map(({ name }) => name);
  expect(limitedBy('caller')).toEqual(admits(/^\s*(user: true|public: true|owner: ")/m));
  expect(limitedBy('anonymous')).toEqual(admits(/^\s*public: true/m));
});
