import { productClients } from '@plaza/clients';
import { newId, noMetrics, silentLog } from '@plaza/core';
import { productViews } from '@plaza/events';
import {
  asAdmin,
  asUser,
  createProxy,
  eventually,
  startNats,
  testContext,
  testKeys,
  type Engine,
  type Proxy,
  testerBus,
} from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { keys, products as productTable } from '../src/store/table.ts';
import { refusalOf } from './refusal.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let nats: Engine;
/** Between the service and its table. */
let toTable: Proxy;
beforeAll(async () => {
  nats = await startNats();
  world = await startWorld(async ({ dynamodbEndpoint }) => {
    toTable = await createProxy({ target: new URL(dynamodbEndpoint).host });
    return { dynamodbEndpoint: `http://${toTable.address}`, natsUrl: nats.url };
  });
});
afterAll(async () => {
  await world?.close();
  await Promise.all([toTable?.close(), nats?.stop()]);
});

/** A busy machine takes its time; nobody here minds. */
const PATIENCE = { timeoutMs: 60_000 };
const SLOW = { timeout: 180_000 };
const anyone = () => testContext(PATIENCE);

test('views are counted, whoever looks; a product named twice in one call was seen once', SLOW, async () => {
  const [a, b, untouched] = [await world.list(), await world.list(), await world.list()];
  await view(anyone(), [a, b, a]);
  await view(asUser(newId()), [a]);
  await view(asAdmin(), [a]);
  await eventually(async () => expect(await pointsOf([a, b, untouched])).toEqual([3, 1, 0]), PATIENCE);
});

test('what is unknown or deleted is not counted and leaves nothing behind, also beside what is', SLOW, async () => {
  const [kept, deleted, unknown] = [await world.list(), await world.list(), newId()];
  await world.products.deleteProduct(asAdmin(), { productId: deleted });
  await view(anyone(), [unknown, deleted]);
  await view(anyone(), [unknown, kept, deleted]);
  await eventually(async () => expect(await pointsOf([kept])).toEqual([1]), PATIENCE);
  await settled();
  for (const productId of [unknown, deleted])
    expect(await world.app.db.get(anyone(), productTable, keys.popularity(productId))).toBeUndefined();
});

test('a hundred products in one call are counted; more, none, or what is no id are refused', SLOW, async () => {
  const ids: string[] = [];
  while (ids.length < 30) ids.push(await world.list());
  await view(anyone(), [...ids, ...Array.from({ length: 70 }, () => newId())]);
  await eventually(async () => expect(await pointsOf(ids)).toEqual(ids.map(() => 1)), PATIENCE);
  for (const productIds of [[], Array.from({ length: 101 }, () => newId()), ['tea']])
    expect(await refusalOf(view(anyone(), productIds))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD' });
});

test(
  'one request id counts once, also when the queue has forgotten it; another caller and other views are another request',
  SLOW,
  async () => {
    const [a, b, requestId, userId] = [await world.list(), await world.list(), newId(), newId()];
    await Promise.all([1, 2, 3].map(() => view(asUser(userId), [a], requestId)));
    await view(anyone(), [a], requestId);
    await view(asUser(userId), [a, b], requestId);
    await eventually(async () => expect(await pointsOf([a, b])).toEqual([3, 1]), PATIENCE);

    // After two minutes the queue takes the same flush for a new one: here it is under another id at once.
    const bus = testerBus({ natsUrl: nats.url, namespace: world.config.namespace });
    const flush = { flushId: newId(), productIds: [a, b], viewTime: new Date() };
    await eventually(() => bus.enqueue(productViews, flush, { id: newId() }));
    await eventually(async () => expect(await pointsOf([a, b])).toEqual([4, 2]), PATIENCE);
    const before = await handled();
    for (let i = 0; i < 3; i++) await bus.enqueue(productViews, flush, { id: newId() });
    // Of an earlier one the points may be seen before it is counted as handled: so at least.
    await eventually(async () => expect(await handled()).toBeGreaterThanOrEqual(before + 3), PATIENCE);
    await settled();
    expect(await pointsOf([a, b])).toEqual([4, 2]);
    await bus.close();
  },
);

test('without the table views are taken down all the same, survive the end of NATS, and are counted later', SLOW, async () => {
  const ids = [await world.list(), await world.list()];
  toTable.blackhole();
  for (let i = 0; i < 3; i++) await view(anyone(), ids);
  await nats.kill();
  await nats.start();
  toTable.heal();
  await eventually(async () => expect(await pointsOf(ids)).toEqual([3, 3]), PATIENCE);
  await settled();
  expect(await pointsOf(ids)).toEqual([3, 3]);
});

test(
  'without NATS nothing is promised: the refusal says so, and the same request counts once when NATS is back',
  SLOW,
  async () => {
    const [productId, requestId] = [await world.list(), newId()];
    await nats.kill();
    const hurried = productClients({
      address: `127.0.0.1:${world.app.port}`,
      token: testKeys().tokenOf,
      log: silentLog,
      metrics: noMetrics,
    });
    const record = () => hurried.products.recordProductViews(testContext(), { productIds: [productId], requestId });
    await eventually(
      async () => expect(await refusalOf(record())).toMatchObject({ code: 'UNAVAILABLE', reason: 'BUS_UNAVAILABLE' }),
      PATIENCE,
    );
    // Other calls do not mind.
    expect((await hurried.products.getProduct(anyone(), { productId })).product?.productId).toBe(productId);
    await nats.start();
    await eventually(record, PATIENCE);
    await record();
    await eventually(async () => expect(await pointsOf([productId])).toEqual([1]), PATIENCE);
    await settled();
    expect(await pointsOf([productId])).toEqual([1]);
    hurried.close();
  },
);

const view = (ctx: ReturnType<typeof asUser>, productIds: string[], requestId = newId()) =>
  world.products.recordProductViews(ctx, { productIds, requestId });

const pointsOf = async (ids: readonly string[]): Promise<number[]> => {
  const rows = await world.app.db.batchGet(anyone(), productTable, ids.map(keys.popularity));
  return rows.map((row) => Number(row?.['points'] ?? 0));
};

/** Views that were settled so far. */
const handled = async (): Promise<number> => {
  const metrics = await (await fetch(`http://127.0.0.1:${world.app.adminPort}/metrics`)).text();
  return Number(/^events_consumed_total\{durable="product-count-views",result="handled"\} (\d+)$/m.exec(metrics)?.[1] ?? 0);
};

/** What was in the queue before has been handled: the queue is read in order, by a few at a time. */
const settled = async (): Promise<void> => {
  const [probes, before] = [await Promise.all([1, 2].map(() => world.list())), await handled()];
  for (let i = 0; i < 20; i++) await view(anyone(), probes);
  await eventually(async () => {
    expect(await pointsOf(probes)).toEqual([20, 20]);
    expect(await handled()).toBeGreaterThanOrEqual(before + 20);
  }, PATIENCE);
};
