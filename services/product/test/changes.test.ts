import { newId } from '@plaza/core';
import { update } from '@plaza/dynamo';
import { ProductOrder } from '@plaza/proto/plaza/product/v1/product_service';
import { asAdmin, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { keys, products } from '../src/store/table.ts';
import { refusalOf } from './refusal.ts';
import { asOrder, eur, startWorld, usd, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

const seller = () => asUser(world.sellerId);
const read = async (productId: string) => (await world.products.getProduct(testContext(), { productId })).product!;
const change = (request: object, ctx = seller()) => world.products.updateProduct(ctx, request);
const remove = (productId: string, ctx = seller()) => world.products.deleteProduct(ctx, { productId });
const restore = (productId: string, ctx = seller()) => world.products.undeleteProduct(ctx, { productId });

test('a seller changes what the mask names, everybody reads it at once, and the events tell what really changed', async () => {
  const productId = await world.list({ name: 'Tea', description: 'fine' });
  const before = await read(productId);
  const changes = { name: 'Green tea', description: 'overlooked', price: eur(599) };
  const { product } = await change({ productId, changes, updateMask: ['name', 'price'], etag: before.etag });
  expect(product).toMatchObject({ name: 'Green tea', description: 'fine', price: eur(599), etag: '2', available: 10n });
  expect(await read(productId)).toEqual(product);
  const dearer = { productId, changes: { price: eur(599), description: 'finest' }, updateMask: ['price', 'description'] };
  expect((await change(dearer, asAdmin())).product).toMatchObject({ etag: '3', description: 'finest' });
  await eventually(async () =>
    expect(await world.published([productId])).toEqual(['PriceChanged', 'ProductCreated', 'ProductUpdated', 'ProductUpdated']),
  );
});

test('a change that changes nothing leaves the etag and tells nobody', async () => {
  const productId = await world.list();
  const same = { productId, changes: { price: eur(499), name: 'Tea' }, updateMask: ['price', 'name'], requestId: newId() };
  expect((await change(same)).product).toMatchObject({ etag: '1' });
  expect((await change(same)).product).toMatchObject({ etag: '1' });
  await eventually(async () => expect(await world.published([productId])).toEqual(['ProductCreated']));
});

test('an old etag is refused with the new one; without one the last change stands', async () => {
  const productId = await world.list();
  await change({ productId, changes: { name: 'Second' }, updateMask: ['name'], etag: '1' });
  const late = { productId, changes: { name: 'Late' }, updateMask: ['name'], etag: '1' };
  expect(await refusalOf(change(late))).toMatchObject({
    code: 'ABORTED',
    reason: 'ETAG_MISMATCH',
    details: { metadata: { etag: '2' } },
  });
  expect(await refusalOf(world.products.deleteProduct(seller(), { productId, etag: '1' }))).toMatchObject({
    reason: 'ETAG_MISMATCH',
  });
  expect((await change({ ...late, etag: '' })).product).toMatchObject({ name: 'Late', etag: '3' });
});

test('what is wrong with a change is named by its path, and nothing is changed', async () => {
  const productId = await world.list();
  const refusal = (changes: object, updateMask: string[]) => refusalOf(change({ productId, changes, updateMask }));
  const field = (name: string) => ({ code: 'INVALID_ARGUMENT', details: { violations: [{ field: name }] } });
  expect(await refusal({ price: eur(0) }, ['price'])).toMatchObject({ reason: 'PRICE_INVALID', ...field('changes.price') });
  expect(await refusal({ price: usd(5) }, ['price'])).toMatchObject({ reason: 'PRICE_INVALID', ...field('changes.price') });
  expect(await refusal({ price: { currencyCode: 'EUR', units: 1n << 62n, nanos: 0 } }, ['price'])).toMatchObject(
    field('changes.price'),
  );
  expect(await refusal({ price: { currencyCode: 'EUR', units: 1n, nanos: -1 } }, ['price'])).toMatchObject(
    field('changes.price'),
  );
  expect(await refusal({ price: { currencyCode: 'XXX', units: 1n, nanos: 0 } }, ['price'])).toMatchObject(field('changes.price'));
  expect(await refusal({}, ['price'])).toMatchObject(field('changes.price'));
  expect(await refusal({}, ['name'])).toMatchObject(field('changes.name'));
  expect(await refusal({ name: '  ' }, ['name'])).toMatchObject(field('changes.name'));
  expect(await refusal({ category: 'No Slug' }, ['category'])).toMatchObject(field('changes.category'));
  expect(await refusal({ name: 'x' }, ['seller_id'])).toMatchObject(field('update_mask.paths[0]'));
  expect(await refusal({ name: 'x'.repeat(201) }, ['name'])).toMatchObject(field('changes.name'));
  expect(await refusal({ name: 'x' }, [])).toMatchObject({ code: 'INVALID_ARGUMENT' });
  expect(await read(productId)).toMatchObject({ etag: '1', name: 'Tea' });
});

test('to anybody but its seller a product to change is as good as missing', async () => {
  const productId = await world.list();
  const stranger = asUser(newId());
  const missing = { code: 'NOT_FOUND', reason: 'PRODUCT_NOT_FOUND' };
  for (const id of [productId, newId()]) {
    expect(await refusalOf(change({ productId: id, changes: { name: 'Mine' }, updateMask: ['name'] }, stranger))).toMatchObject(
      missing,
    );
    expect(await refusalOf(remove(id, stranger))).toMatchObject(missing);
    expect(await refusalOf(restore(id, stranger))).toMatchObject(missing);
  }
  expect(await read(productId)).toMatchObject({ name: 'Tea' });
});

test('a deleted product is nowhere from the next read on, cannot be ordered or corrected, and comes back as it was', async () => {
  const category = `undo-${newId().toLowerCase()}`;
  const [kept, productId] = [await world.list({ category }), await world.list({ category, name: 'Rare' })];
  const seen = async () => {
    const ids = ({ products }: { products: { productId: string }[] }) => products.map((product) => product.productId).toSorted();
    return [
      ids(await world.products.batchGetProducts(testContext(), { productIds: [kept, productId] })),
      ids(await world.products.listProducts(testContext(), { category })),
      ids(await world.products.listProducts(testContext(), { category, sellerId: world.sellerId, order: ProductOrder.NEWEST })),
    ];
  };
  const both = [kept, productId].toSorted();
  await eventually(async () => expect(await seen()).toEqual([both, both, both]));
  const before = await read(productId);
  const { deleteTime, restorableUntilTime } = await remove(productId);
  expect(restorableUntilTime!.getTime() - deleteTime!.getTime()).toBe(30 * 24 * 3_600_000);
  expect(await refusalOf(read(productId))).toMatchObject({ reason: 'PRODUCT_NOT_FOUND' });
  expect(await seen()).toEqual([[kept], [kept], [kept]]);

  const order = { orderId: newId(), lines: [{ productId, quantity: 1n }] };
  expect(await refusalOf(world.inventory.adjustStock(seller(), { productId, delta: 1n, reason: 'count' }))).toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'PRODUCT_INACTIVE',
  });
  expect(await refusalOf(change({ productId, changes: { name: 'x' }, updateMask: ['name'] }))).toMatchObject({
    reason: 'PRODUCT_NOT_FOUND',
  });
  expect(await refusalOf(remove(productId))).toMatchObject({ reason: 'PRODUCT_NOT_FOUND' });

  const { product } = await restore(productId);
  expect(product).toMatchObject({ ...before, etag: '3', updateTime: product!.updateTime });
  expect(await read(productId)).toEqual(product);
  await eventually(async () => expect(await seen()).toEqual([both, both, both]));
  await world.inventory.reserveStock(asOrder(), order);
  expect(await refusalOf(restore(productId))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'PRODUCT_NOT_DELETED' });
  await eventually(async () =>
    expect(await world.published([productId])).toEqual(['ProductCreated', 'ProductDeleted', 'ProductRestored']),
  );
});

test('reservations that stand when their product is deleted are settled', async () => {
  const productId = await world.list();
  const [sold, returned] = [newId(), newId()];
  for (const orderId of [sold, returned])
    await world.inventory.reserveStock(asOrder(), { orderId, lines: [{ productId, quantity: 3n }] });
  await remove(productId);
  await world.inventory.commitReservation(asOrder(), { orderId: sold });
  await world.inventory.releaseReservation(asOrder(), { orderId: returned });
  expect(await world.stockOf(productId)).toEqual({ onHand: 7, reserved: 0, available: 7 });
});

test('after 30 days nothing brings a product back', async () => {
  const productId = await world.list();
  const { deleteTime } = await remove(productId);
  // Tokens live by the same clock, so the deletion is moved instead.
  const deletedAt = deleteTime!.getTime() - 30 * 24 * 3_600_000 - 60_000;
  await world.app.db.write(testContext(), update(products, keys.product(productId), { set: { deletedAt } }));
  expect(await refusalOf(restore(productId))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'RESTORE_WINDOW_OVER' });
});

test('racing and repeated changes have one effect each, and their answers are the first ones', async () => {
  const productId = await world.list();
  const rename = { productId, changes: { name: 'Once' }, updateMask: ['name'], requestId: newId() };
  const answers = await Promise.all(Array.from({ length: 5 }, () => change(rename)));
  expect(new Set(answers.map(({ product }) => product!.etag))).toEqual(new Set(['2']));
  const prices = Array.from({ length: 10 }, (_, i) => ({ productId, changes: { price: eur(100 + i) }, updateMask: ['price'] }));
  await Promise.all(prices.map((price) => change(price)));
  expect(await read(productId)).toMatchObject({ etag: '12', name: 'Once' });
  expect((await change(rename)).product).toMatchObject({ etag: '2', name: 'Once', price: eur(499) });
  expect(await refusalOf(change({ ...rename, changes: { name: 'Twice' } }))).toMatchObject({ reason: 'REQUEST_ID_REUSED' });
  const gone = { productId, requestId: newId() };
  const removals = await Promise.all(Array.from({ length: 5 }, () => world.products.deleteProduct(seller(), gone)));
  expect(new Set(removals.map(({ deleteTime }) => deleteTime!.getTime())).size).toBe(1);
  await eventually(async () => {
    const names = await world.published([productId]);
    expect(names.filter((name) => name === 'PriceChanged')).toHaveLength(10);
    expect(names.filter((name) => name === 'ProductUpdated')).toHaveLength(11);
    expect(names.filter((name) => name === 'ProductDeleted')).toHaveLength(1);
  });
});
