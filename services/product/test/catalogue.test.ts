import { newId } from '@plaza/core';
import { ErrorInfo } from '@plaza/proto/google/rpc/error_details';
import type { Status } from '@plaza/proto/google/rpc/status';
import type { Product } from '@plaza/proto/plaza/product/v1/product_service';
import { asAdmin, asService, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { refusalOf } from './refusal.ts';
import { asOrder, eur, startWorld, usd, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test('a seller lists a product, and everybody can read it with its price and stock', async () => {
  const { sellerId, products } = world;
  const { product } = await products.createProduct(asUser(sellerId), wish({ name: 'Assam', initialStock: 7n }));
  expect(product).toMatchObject({ sellerId, name: 'Assam', category: 'tea', price: eur(499), available: 7n, etag: '1' });
  const read = await products.getProduct(testContext(), { productId: product!.productId });
  expect(read.product).toEqual(product);
});

test('one request id lists one product, also for racing and late repetitions, and is worth nothing with another body', async () => {
  const { sellerId, products } = world;
  const request = wish({ requestId: newId() });
  const racing = await Promise.all(Array.from({ length: 5 }, () => products.createProduct(asUser(sellerId), request)));
  expect(new Set(racing.map(({ product }) => product!.productId)).size).toBe(1);
  expect(await products.createProduct(asUser(sellerId), request)).toEqual(racing[0]);
  await expect(products.createProduct(asUser(sellerId), { ...request, name: 'Other' })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'REQUEST_ID_REUSED',
  });
});

test('a seller who is no user, a price of zero and a foreign currency are refused with a reason', async () => {
  const { products } = world;
  const refusal = (request: object) => refusalOf(products.createProduct(asAdmin(), wish(request)));
  expect(await refusal({ sellerId: newId() })).toMatchObject({ code: 'NOT_FOUND', reason: 'SELLER_NOT_FOUND' });
  expect(await refusal({ price: eur(0) })).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'PRICE_INVALID' });
  expect(await refusal({ price: eur(-1) })).toMatchObject({ reason: 'PRICE_INVALID' });
  expect(await refusal({ price: usd(499) })).toMatchObject({
    reason: 'PRICE_INVALID',
    details: { violations: [{ field: 'price' }] },
  });
  expect(await refusal({ price: { currencyCode: 'EUR', units: 1n, nanos: 1 } })).toMatchObject({ reason: 'PRICE_INVALID' });
  expect(await refusal({ name: '  ' })).toMatchObject({ reason: 'INVALID_FIELD', details: { violations: [{ field: 'name' }] } });
  expect(await refusal({ category: 'Not A Slug' })).toMatchObject({ reason: 'INVALID_FIELD' });
  expect(await refusal({ initialStock: -1n })).toMatchObject({ reason: 'INVALID_FIELD' });
});

test('an unknown product is not found, and a batch names what it misses, in the order asked for', async () => {
  const { products } = world;
  const [a, b, missing] = [await world.list(), await world.list(), newId()];
  await expect(products.getProduct(testContext(), { productId: missing })).rejects.toMatchObject({ reason: 'PRODUCT_NOT_FOUND' });
  const batch = await products.batchGetProducts(testContext(), { productIds: [b, missing, a, b] });
  expect(batch.products.map(({ productId }) => productId)).toEqual([b, a]);
  expect(batch.missingIds).toEqual([missing]);
});

test('an import answers each item by itself, and repeating it answers the same', async () => {
  const { sellerId, products } = world;
  const twice = newId();
  const items = [
    wish({ requestId: newId(), name: 'first' }),
    wish({ requestId: newId(), sellerId: newId() }),
    wish({ requestId: newId(), price: usd(1) }),
    wish({ requestId: twice, name: 'twice' }),
    wish({ requestId: twice, name: 'twice' }),
    wish({ requestId: twice, name: 'another body' }),
  ];
  const { results } = await products.batchCreateProducts(asAdmin(), { products: items });
  const seen = results.map(({ result }) => (result?.$case === 'product' ? result.value.name : reasonOf(result?.value)));
  expect(seen).toEqual(['first', 'SELLER_NOT_FOUND', 'PRICE_INVALID', 'twice', 'twice', 'REQUEST_ID_REUSED']);
  expect(results[3]).toEqual(results[4]);
  expect((await products.batchCreateProducts(asAdmin(), { products: items })).results).toEqual(results);
  const mixed = [...items.slice(0, 2), wish({ requestId: newId(), name: 'new' })];
  const again = await products.batchCreateProducts(asAdmin(), { products: mixed });
  expect(again.results.slice(0, 2)).toEqual(results.slice(0, 2));
  expect(again.results[2]!.result).toMatchObject({ $case: 'product', value: { name: 'new', sellerId } });
});

test('an import of 25 of the longest products is taken', async () => {
  const items = Array.from({ length: 25 }, () => wish({ description: 'x'.repeat(4000), name: 'n'.repeat(200) }));
  const { results } = await world.products.batchCreateProducts(asAdmin(), { products: items });
  expect(results.filter(({ result }) => result?.$case === 'product')).toHaveLength(25);
});

test('a category is listed cheapest first, whole and without doubles, whatever the page size and however equal the prices', async () => {
  const prices = [5, 100, 100, 100, 99, 100_000, 7, 100, 20, 100, 100, 3];
  const category = await shelf('paging', prices);
  const whole = await walk({ category, pageSize: 100 });
  expect(whole.map(({ price }) => price)).toEqual(prices.toSorted((a, b) => a - b));
  for (const pageSize of [1, 2, 3, 5, 12]) expect(await walk({ category, pageSize })).toEqual(whole);
});

test('a new product between two pages shifts nothing that was or will be read', async () => {
  const category = await shelf('moving', [10, 20, 30, 40]);
  const first = await world.products.listProducts(testContext(), { category, pageSize: 2 });
  await world.list({ category, price: eur(5) });
  await world.list({ category, price: eur(25) });
  await eventually(async () => expect(await walk({ category, pageSize: 10 })).toHaveLength(6));
  const second = await world.products.listProducts(testContext(), { category, pageSize: 10, pageToken: first.nextPageToken });
  expect(second.products.map(({ price }) => minorOf(price!))).toEqual([25, 30, 40]);
});

test('a price range takes its lower bound and leaves its upper one out', async () => {
  const category = await shelf('ranges', [10, 20, 20, 30]);
  const between = async (min?: number, max?: number) => {
    const range = { ...(min !== undefined && { minPrice: eur(min) }), ...(max !== undefined && { maxPrice: eur(max) }) };
    return (await walk({ category, pageSize: 2, ...range })).map(({ price }) => price);
  };
  expect(await between(20, 30)).toEqual([20, 20]);
  expect(await between(10, 20)).toEqual([10]);
  expect(await between(20)).toEqual([20, 20, 30]);
  expect(await between(undefined, 20)).toEqual([10]);
  expect(await between(0, 1)).toEqual([]);
});

test('empty ranges and foreign currencies are refused by name', async () => {
  const refusal = (range: object) => refusalOf(world.products.listProducts(testContext(), { category: 'tea', ...range }));
  expect(await refusal({ minPrice: eur(5), maxPrice: eur(5) })).toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'PRICE_RANGE_INVALID',
  });
  expect(await refusal({ minPrice: usd(5) })).toMatchObject({
    reason: 'PRICE_INVALID',
    details: { violations: [{ field: 'min_price' }] },
  });
  expect(await refusal({ maxPrice: eur(-5) })).toMatchObject({ reason: 'PRICE_INVALID' });
  expect(await refusal({ pageSize: 101 })).toMatchObject({ reason: 'INVALID_FIELD' });
});

test('a page token is good for its caller and its filter only, and for nobody once tampered with', async () => {
  const category = await shelf('tokens', [1, 2, 3]);
  const { nextPageToken: pageToken } = await world.products.listProducts(testContext(), { category, pageSize: 1 });
  const invalid = { code: 'INVALID_ARGUMENT', reason: 'PAGE_TOKEN_INVALID' };
  const using = (token: string, filter: object = {}, ctx = testContext()) =>
    refusalOf(world.products.listProducts(ctx, { category, pageSize: 1, pageToken: token, ...filter }));
  expect(await using(pageToken, { category: 'tea' })).toMatchObject(invalid);
  expect(await using(pageToken, { maxPrice: eur(9) })).toMatchObject(invalid);
  expect(await using(pageToken, {}, asUser(newId()))).toMatchObject(invalid);
  expect(await using(pageToken.slice(0, -1))).toMatchObject(invalid);
  expect(await using(`${pageToken[0] === 'A' ? 'B' : 'A'}${pageToken.slice(1)}`)).toMatchObject(invalid);
  expect(await using('nonsense')).toMatchObject(invalid);
  const next = await world.products.listProducts(testContext(), { category, pageSize: 2, pageToken });
  expect(next.products.map(({ price }) => minorOf(price!))).toEqual([2, 3]);
});

test('policies hold by real tokens', async () => {
  const { products, inventory, sellerId } = world;
  const denied = { code: 'PERMISSION_DENIED', reason: 'POLICY_DENIED' };
  const missing = { code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' };
  await expect(products.createProduct(testContext(), wish())).rejects.toMatchObject(missing);
  await expect(products.createProduct(asUser(newId()), wish())).rejects.toMatchObject(denied);
  await expect(products.createProduct(asService('order', sellerId), wish())).rejects.toMatchObject(denied);
  await expect(products.batchCreateProducts(asUser(sellerId), { products: [wish()] })).rejects.toMatchObject(denied);
  const productId = await world.list();
  const order = { orderId: newId(), lines: [{ productId, quantity: 1n }] };
  for (const ctx of [asUser(sellerId), asAdmin(), asService('feed')])
    await expect(inventory.reserveStock(ctx, order)).rejects.toMatchObject(denied);
  await expect(inventory.commitReservation(asUser(sellerId), order)).rejects.toMatchObject(denied);
  await expect(inventory.releaseReservation(testContext(), order)).rejects.toMatchObject(missing);
  await expect(inventory.adjustStock(asOrder(), { productId, delta: 1n, reason: 'x' })).rejects.toMatchObject(denied);
  await expect(inventory.adjustStock(testContext(), { productId, delta: 1n, reason: 'x' })).rejects.toMatchObject(missing);
});

const wish = (fields: object = {}) => ({
  sellerId: world.sellerId,
  name: 'Tea',
  category: 'tea',
  price: eur(499),
  initialStock: 1n,
  requestId: newId(),
  ...fields,
});

/** A category with one product of each price, all of them readable through the index. */
const shelf = async (name: string, prices: readonly number[]): Promise<string> => {
  const category = `${name}-${newId().toLowerCase()}`;
  const items = prices.map((minor) => wish({ category, price: eur(minor) }));
  await world.products.batchCreateProducts(asAdmin(), { products: items });
  await eventually(async () => expect(await walk({ category, pageSize: 100 })).toHaveLength(prices.length));
  return category;
};

const walk = async (filter: { category: string; pageSize: number }): Promise<{ id: string; price: number }[]> => {
  const seen: { id: string; price: number }[] = [];
  let pageToken = '';
  do {
    const page = await world.products.listProducts(testContext(), { ...filter, pageToken });
    seen.push(...page.products.map(({ productId, price }) => ({ id: productId, price: minorOf(price!) })));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return seen;
};

const minorOf = ({ units, nanos }: { units: bigint; nanos: number }) => Number(units) * 100 + nanos / 10_000_000;

const reasonOf = (value: Status | Product | undefined): string | undefined => {
  const info = value && 'details' in value ? value.details.find(({ typeUrl }) => typeUrl.endsWith('ErrorInfo')) : undefined;
  return info && ErrorInfo.decode(info.value).reason;
};
