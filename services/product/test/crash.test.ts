import { newId } from '@plaza/core';
import type { Db } from '@plaza/dynamo';
import { ReservationState } from '@plaza/proto/plaza/product/v1/inventory_service';
import { asAdmin, asUser, eventually, testContext, type ServiceProcess } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Stock } from '../src/domain/stock.ts';
import { contentOf, keys, products as productTable } from '../src/store/table.ts';
import { startProcesses, type Processes } from './process.ts';
import { asOrder, eur, publishedAbout, type clientsOf } from './world.ts';

/** A process takes seconds to come back on a busy machine. */
const PATIENCE_MS = 60_000;

let processes: Processes;
let service: ServiceProcess;
let callers: ReturnType<typeof clientsOf>;
let db: Db;

beforeAll(async () => {
  processes = await startProcesses({ count: 1, crashAt: scenes[0]!.point });
  db = processes.db;
  ({ process: service, callers } = processes.services[0]!);
});
afterAll(() => processes?.close());

const list = async (): Promise<string> => {
  const { sellerId } = processes;
  const request = { sellerId, name: 'Tea', category: 'tea', price: eur(499), initialStock: 10n };
  const { product } = await callers.products.createProduct(asAdmin(PATIENCE_MS), request);
  return product!.productId;
};

const reserve = async (productId: string): Promise<string> => {
  const orderId = newId();
  await callers.inventory.reserveStock(asOrder(PATIENCE_MS), { orderId, lines: [{ productId, quantity: 4n }] });
  return orderId;
};

const saver = newId();

const save = (userId: string, productId: string) =>
  callers.products.saveProduct(asUser(userId, PATIENCE_MS), { userId, productId });

const saversOf = async (productId: string): Promise<number> =>
  (await callers.products.listProductSavers(asAdmin(PATIENCE_MS), { productId })).userIds.length;

/** Deliveries of views that this process has acknowledged; none while it does not answer. */
const settledViews = async (): Promise<number> => {
  const answer = await fetch(`http://127.0.0.1:${service.adminPort}/metrics`);
  const found = /^events_consumed_total\{durable="product-count-views",result="handled"\} (\d+)$/m.exec(await answer.text());
  return Number(found?.[1] ?? 0);
};

/** What happens before the call that is killed, that call, and what must be true in the end. `act` answers whom the events are about. */
interface Scene {
  readonly point: string;
  readonly prepare: () => Promise<{ productId: string; orderId: string }>;
  readonly act: (prepared: { productId: string; orderId: string }) => Promise<string>;
  readonly events: readonly string[];
  /** onHand, reserved, available */
  readonly stock: readonly number[];
}

const nothing = async () => ({ productId: '', orderId: '' });
const listed = async () => ({ productId: await list(), orderId: '' });
const reserved = async () => {
  const productId = await list();
  return { productId, orderId: await reserve(productId) };
};

const scenes: Scene[] = [
  { point: 'product.after-create', prepare: nothing, act: list, events: ['ProductCreated'], stock: [10, 0, 10] },
  {
    point: 'product.after-update',
    prepare: listed,
    act: async ({ productId }) => {
      const change = { productId, changes: { name: 'Green tea', price: eur(599) }, updateMask: ['name', 'price'] };
      const { product } = await callers.products.updateProduct(asAdmin(PATIENCE_MS), change);
      expect(product).toMatchObject({ name: 'Green tea', price: eur(599), etag: '2' });
      return productId;
    },
    events: ['PriceChanged', 'ProductCreated', 'ProductUpdated'],
    stock: [10, 0, 10],
  },
  {
    point: 'product.after-delete',
    prepare: listed,
    act: async ({ productId }) => {
      await callers.products.deleteProduct(asAdmin(PATIENCE_MS), { productId });
      const { missingIds } = await callers.products.batchGetProducts(testContext(), { productIds: [productId] });
      expect(missingIds).toEqual([productId]);
      return productId;
    },
    events: ['ProductCreated', 'ProductDeleted'],
    stock: [10, 0, 10],
  },
  {
    point: 'product.after-undelete',
    prepare: async () => {
      const prepared = await listed();
      await callers.products.deleteProduct(asAdmin(PATIENCE_MS), { productId: prepared.productId });
      return prepared;
    },
    act: async ({ productId }) => {
      const { product } = await callers.products.undeleteProduct(asAdmin(PATIENCE_MS), { productId });
      expect(product).toMatchObject({ etag: '3' });
      return productId;
    },
    events: ['ProductCreated', 'ProductDeleted', 'ProductRestored'],
    stock: [10, 0, 10],
  },
  {
    point: 'product.after-adjust',
    prepare: listed,
    act: async ({ productId }) => {
      await callers.inventory.adjustStock(asAdmin(PATIENCE_MS), { productId, delta: -3n, reason: 'broken' });
      return productId;
    },
    events: ['ProductCreated'],
    stock: [7, 0, 7],
  },
  {
    point: 'product.after-reserve-stock',
    prepare: listed,
    act: ({ productId }) => reserve(productId),
    events: ['StockReserved'],
    stock: [10, 4, 6],
  },
  {
    point: 'product.after-commit-stock',
    prepare: reserved,
    act: async ({ orderId }) => {
      await callers.inventory.commitReservation(asOrder(PATIENCE_MS), { orderId });
      return orderId;
    },
    events: ['ReservationCommitted', 'StockReserved'],
    stock: [6, 0, 6],
  },
  {
    point: 'product.after-release-stock',
    prepare: reserved,
    act: async ({ orderId }) => {
      await callers.inventory.releaseReservation(asOrder(PATIENCE_MS), { orderId });
      return orderId;
    },
    events: ['ReservationReleased', 'StockReserved'],
    stock: [10, 0, 10],
  },
  {
    point: 'product.after-save',
    prepare: listed,
    act: async ({ productId }) => {
      await save(newId(), productId);
      expect(await saversOf(productId)).toBe(1);
      return productId;
    },
    events: ['ProductCreated', 'ProductSaved'],
    stock: [10, 0, 10],
  },
  {
    point: 'product.after-unsave',
    prepare: async () => {
      const prepared = await listed();
      await save(saver, prepared.productId);
      return prepared;
    },
    act: async ({ productId }) => {
      await callers.products.unsaveProduct(asUser(saver, PATIENCE_MS), { userId: saver, productId });
      expect(await saversOf(productId)).toBe(0);
      return productId;
    },
    events: ['ProductCreated', 'ProductSaved', 'ProductUnsaved'],
    stock: [10, 0, 10],
  },
  {
    // Between the count and its acknowledgement: the queue hands the views out again, and they are not counted again.
    point: 'product.after-count-views',
    prepare: listed,
    act: async ({ productId }) => {
      await callers.products.recordProductViews(asUser(newId(), PATIENCE_MS), { productIds: [productId] });
      await service.exited;
      await eventually(async () => expect(await settledViews()).toBeGreaterThan(0), { timeoutMs: PATIENCE_MS });
      const row = await db.get(testContext(), productTable, keys.popularity(productId));
      expect(row).toMatchObject({ points: 1 });
      return productId;
    },
    events: ['ProductCreated'],
    stock: [10, 0, 10],
  },
  {
    // Nobody calls: the driver dies, and nobody repeats what it did.
    point: 'product.after-expire',
    prepare: listed,
    act: async ({ productId }) => {
      const orderId = newId();
      const request = { orderId, lines: [{ productId, quantity: 4n }], ttlSeconds: 1 };
      await callers.inventory.reserveStock(asOrder(PATIENCE_MS), request);
      await eventually(
        async () => {
          const { reservation } = await callers.inventory.getReservation(asOrder(PATIENCE_MS), { orderId });
          expect(reservation!.state).toBe(ReservationState.EXPIRED);
        },
        { timeoutMs: PATIENCE_MS },
      );
      return orderId;
    },
    events: ['ReservationExpired', 'StockReserved'],
    stock: [10, 0, 10],
  },
];

test.each(scenes)(
  'killed at $point, between commit and publication: who asks again is answered, once, and the event is published',
  { timeout: 90_000 },
  async ({ point, prepare, act, events, stock }) => {
    const prepared = await prepare();
    const answer = act(prepared);
    await service.exited;
    // The new process is already armed for the next scene, whose preparation stays clear of its point.
    const next = scenes[scenes.findIndex((scene) => scene.point === point) + 1];
    await service.restart({ CRASH_AT: next?.point ?? '' });
    const subject = await answer;
    const item = await db.get(testContext(), productTable, keys.stock(prepared.productId || subject));
    const { onHand, reserved: held, available } = contentOf<Stock>(item!);
    expect([onHand, held, available]).toEqual(stock);
    await eventually(async () => expect(await publishedAbout(db, [subject])).toEqual(events));
  },
);
