import { eventAdminClient } from '@plaza/clients';
import { newId, noMetrics, silentLog } from '@plaza/core';
import {
  asAdmin,
  asUser,
  createProxy,
  eventually,
  startNats,
  startRedis,
  testContext,
  testKeys,
  type Engine,
  type Proxy,
} from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { keys, products as productTable } from '../src/store/table.ts';
import { asOrder, clientsOf, eur, startWorld, type World } from './world.ts';

let world: World;
let redis: Engine;
let nats: Engine;
/** Between the service and its table, and between the callers and the service. */
let toTable: Proxy;
let toService: Proxy;
let callers: ReturnType<typeof clientsOf>;

beforeAll(async () => {
  [redis, nats] = await Promise.all([startRedis(), startNats()]);
  world = await startWorld(async ({ dynamodbEndpoint }) => {
    toTable = await createProxy({ target: new URL(dynamodbEndpoint).host });
    return { dynamodbEndpoint: `http://${toTable.address}`, redisUrl: redis.url, natsUrl: nats.url };
  });
  toService = await createProxy({ target: `127.0.0.1:${world.app.port}`, protocol: 'http2' });
  callers = clientsOf(toService.address);
});
afterAll(async () => {
  callers?.close();
  await world?.close();
  await Promise.all([toService?.close(), toTable?.close(), redis?.stop(), nats?.stop()]);
});

/** Every mutation, with the whole change that it makes to the table. */
const mutations = {
  CreateProduct: async (requestId: string) => {
    const request = { sellerId: world.sellerId, name: 'Tea', category: 'tea', price: eur(499), initialStock: 5n, requestId };
    const { product } = await callers.products.createProduct(asAdmin(), request);
    expect(await world.stockOf(product!.productId)).toMatchObject({ onHand: 5, available: 5 });
    return product!.productId;
  },
  BatchCreateProducts: async (requestId: string) => {
    const item = { sellerId: world.sellerId, name: 'Tea', category: 'tea', price: eur(499), initialStock: 5n };
    const items = [
      { ...item, requestId },
      { ...item, requestId: newId() },
    ];
    const { results } = await callers.products.batchCreateProducts(asAdmin(), { products: items });
    const ids = results.map(({ result }) => (result?.$case === 'product' ? result.value.productId : 'refused'));
    expect(new Set(ids).size).toBe(2);
    return ids[0]!;
  },
  UpdateProduct: async (requestId: string) => {
    const productId = await world.list();
    const change = { productId, changes: { price: eur(599) }, updateMask: ['price'], requestId };
    const { product } = await callers.products.updateProduct(asAdmin(), change);
    expect(product).toMatchObject({ price: eur(599), etag: '2' });
    expect((await world.products.getProduct(testContext(), { productId })).product).toEqual(product);
    return productId;
  },
  DeleteProduct: async (requestId: string) => {
    const productId = await world.list();
    await callers.products.deleteProduct(asAdmin(), { productId, requestId });
    await expect(world.products.getProduct(testContext(), { productId })).rejects.toMatchObject({ reason: 'PRODUCT_NOT_FOUND' });
    return productId;
  },
  UndeleteProduct: async (requestId: string) => {
    const productId = await world.list();
    await callers.products.deleteProduct(asAdmin(), { productId, requestId: newId() });
    expect((await callers.products.undeleteProduct(asAdmin(), { productId, requestId })).product).toMatchObject({ etag: '3' });
    expect((await world.products.getProduct(testContext(), { productId })).product).toMatchObject({ etag: '3', available: 10n });
    return productId;
  },
  AdjustStock: async (requestId: string) => {
    const productId = await world.list();
    const { stock } = await callers.inventory.adjustStock(asAdmin(), { productId, delta: -3n, reason: 'broken', requestId });
    expect(stock).toMatchObject({ onHand: 7n, available: 7n });
    expect(await world.stockOf(productId)).toEqual({ onHand: 7, reserved: 0, available: 7 });
    const { pk } = keys.product(productId);
    const { items } = await world.app.db.query(testContext(), productTable, { pk, sk: { beginsWith: 'MV#' } });
    expect(items.filter(({ kind }) => kind === 'CORRECTION')).toHaveLength(1);
    return productId;
  },
  ReserveStock: async (requestId: string) => {
    const { productId, orderId } = await reserve(requestId);
    expect(await world.stockOf(productId)).toEqual({ onHand: 10, reserved: 10, available: 0 });
    return orderId;
  },
  CommitReservation: async (requestId: string) => {
    const { productId, orderId } = await reserve(newId());
    await callers.inventory.commitReservation(asOrder(), { orderId, requestId });
    expect(await world.stockOf(productId)).toEqual({ onHand: 0, reserved: 0, available: 0 });
    return orderId;
  },
  ReleaseReservation: async (requestId: string) => {
    const { productId, orderId } = await reserve(newId());
    await callers.inventory.releaseReservation(asOrder(), { orderId, requestId });
    expect(await world.stockOf(productId)).toEqual({ onHand: 10, reserved: 0, available: 10 });
    return orderId;
  },
  SaveProduct: async (requestId: string) => {
    const [productId, userId] = [await world.list(), newId()];
    await callers.products.saveProduct(asUser(userId), { userId, productId, requestId });
    expect(await saversOf(productId)).toEqual([userId]);
    return productId;
  },
  UnsaveProduct: async (requestId: string) => {
    const [productId, userId] = [await world.list(), newId()];
    await callers.products.saveProduct(asUser(userId), { userId, productId, requestId: newId() });
    await callers.products.unsaveProduct(asUser(userId), { userId, productId, requestId });
    expect(await saversOf(productId)).toEqual([]);
    return productId;
  },
};

const saversOf = async (productId: string): Promise<string[]> =>
  (await world.products.listProductSavers(asAdmin(), { productId })).userIds;

/** All ten units, so that doing it twice would be refused. */
const reserve = async (requestId: string) => {
  const [productId, orderId] = [await world.list(), newId()];
  await callers.inventory.reserveStock(asOrder(), { orderId, lines: [{ productId, quantity: 10n }], requestId });
  return { productId, orderId };
};

test.each(Object.entries(mutations))(
  '%s whose answer is lost on its way to the caller has one effect and is answered',
  async (_name, mutate) => {
    const requestId = newId();
    const dropped = toService.dropped;
    dropFirst(toService, (bytes) => bytes.includes(requestId));
    await mutate(requestId);
    expect(toService.dropped).toBe(dropped + 1);
  },
);

test.each(Object.entries(mutations))(
  '%s whose commit the table does not get to confirm has one effect and is answered',
  async (_name, mutate) => {
    const requestId = newId();
    const dropped = toTable.dropped;
    dropFirst(toTable, (bytes) => bytes.includes('TransactWriteItems') && bytes.includes(requestId));
    await mutate(requestId);
    expect(toTable.dropped).toBe(dropped + 1);
  },
);

test('without Redis every answer is right', async () => {
  const before = await world.list();
  await world.products.getProduct(testContext(), { productId: before });
  await redis.kill();
  for (const mutate of Object.values(mutations)) await mutate(newId());
  const after = await world.list({ initialStock: 3n });
  const read = await world.products.batchGetProducts(testContext(), { productIds: [before, after, newId()] });
  expect(read.products.map(({ available }) => available)).toEqual([10n, 3n]);
  expect(read.missingIds).toHaveLength(1);
  await redis.start();
  await world.inventory.adjustStock(asAdmin(), { productId: after, delta: -3n, reason: 'broken' });
  const { product } = await world.products.getProduct(testContext(), { productId: after });
  expect(product!.available).toBe(0n);
});

test('without NATS writes succeed, the operator sees what waits, and it is published when NATS is back', async () => {
  await nats.kill();
  const aggregates = [await mutations.CreateProduct(newId()), await mutations.CommitReservation(newId())];
  expect(await world.published(aggregates)).toEqual([]);
  await eventually(async () => expect((await outbox()).busConnected).toBe(false));
  expect((await outbox()).pending).toBeGreaterThanOrEqual(3n);
  await nats.start();
  await eventually(async () =>
    expect(await world.published(aggregates)).toEqual([
      'ProductCreated',
      'ReservationCommitted',
      'StockDepleted',
      'StockReserved',
    ]),
  );
  await eventually(async () => expect(await outbox()).toMatchObject({ pending: 0n, busConnected: true }));
});

const outbox = async () => {
  const token = testKeys().tokenOf;
  const admin = eventAdminClient({ address: `127.0.0.1:${world.app.port}`, token, log: silentLog, metrics: noMetrics });
  try {
    return await admin.getOutboxStatus(asAdmin(), {});
  } finally {
    admin.close();
  }
};

const dropFirst = (proxy: Proxy, isIt: (bytes: Buffer) => boolean): void => {
  let dropped = false;
  proxy.dropReply((bytes) => !dropped && (dropped = isIt(bytes)));
};
