import process from 'node:process';

import { isAppError, newId, type Caller } from '@plaza/core';
import { createMemoryDb, insert, type Db, type Fault } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Reservation } from '../src/domain/reservation.ts';
import { newStock, type Stock } from '../src/domain/stock.ts';
import { inventoryHandlers } from '../src/handlers/index.ts';
import { createLanes } from '../src/store/lanes.ts';
import { createReservationStore } from '../src/store/reservation-store.ts';
import { createStockStore } from '../src/store/stock-store.ts';
import { contentOf, keys, products } from '../src/store/table.ts';
import { explain, type Outcome, type Seen, type Step } from './history.ts';
import type { Order, World } from './model.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 2000);
const IDS = [newId(), newId()] as const;
const ORDERS = [newId(), newId()];
const INITIAL = 3;
const CALLERS = 4;
/** More than there are faults. */
const MAX_TRIES = 60;

const productId = fc.constantFrom(...IDS);
const orderId = fc.constantFrom(...ORDERS);
/** Few, so that one order is often wished for twice with the same lines. */
const lines = fc.constantFrom<Record<string, number>>({ [IDS[0]]: 1 }, { [IDS[0]]: 2, [IDS[1]]: 1 }, { [IDS[1]]: 2 });
const step = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('adjust' as const), productId, delta: fc.constantFrom(-2, -1, 1, 2) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('reserve' as const),
      orderId,
      lines,
      until: fc.constantFrom(1000, 2000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('commit' as const, 'release' as const), orderId }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('look' as const), productId }) },
);
const fault = fc.option(fc.constantFrom<Fault>('conflict', 'throttle', 'lost-reply', 'unreachable'), { nil: undefined, freq: 3 });
/** `again`: the next caller sends the same request too, at some time. */
const call = fc.record({ step, caller: fc.nat({ max: CALLERS - 1 }), again: fc.boolean() });

test(
  'whatever races, repeats, fails or is lost: all answers fit one order of events, and the table agrees',
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 10 }),
        fc.array(fault, { maxLength: 40 }),
        fc.scheduler(),
        async (calls, faults, scheduler) => {
          let live = false;
          const db = createMemoryDb({
            faults: async ({ verb }) => {
              if (!live) return undefined;
              await scheduler.schedule(Promise.resolve(), verb);
              return faults.shift();
            },
          });
          await seed(db);
          live = true;
          const history = await scheduler.waitFor(
            playAll(
              db,
              calls.map((made, i) => ({ ...made, step: { ...made.step, requestId: `request-${i}` } })),
            ),
          );
          live = false;
          const worlds = explain(history, START).map(({ stock, orders, events }) => ({ stock, orders, events }));
          expect(worlds).toContainEqual(await tableOf(db));
        },
      ),
      { numRuns: RUNS },
    );
  },
);

/** Every caller makes its calls one after another; the callers race. */
const playAll = async (db: Db, calls: readonly { step: Step; caller: number; again: boolean }[]): Promise<Seen[]> => {
  // Two replicas: within one, calls on one product wait for each other.
  const replicas = [service(db), service(db)];
  let clock = 0;
  const queues = Array.from({ length: CALLERS }, (_, caller) => {
    const mine = calls.filter((made) => made.caller === caller);
    const repeated = calls.filter((made) => made.again && (made.caller + 1) % CALLERS === caller);
    return [...mine, ...repeated];
  });
  const histories = queues.map(async (queue, caller) => {
    const answer = replicas[caller % replicas.length]!;
    const seen: Seen[] = [];
    for (const { step: next } of queue) {
      const begin = clock++;
      const outcome = await answer(next);
      seen.push({ step: next, begin, end: clock++, outcome });
    }
    return seen;
  });
  return (await Promise.all(histories)).flat();
};

/** The service as its callers meet it: who hears that the outcome is unknown, or that a race was lost, sends the same again. */
const service = (db: Db) => {
  const relay = { nudge: () => undefined };
  const lanes = createLanes();
  const inventory = inventoryHandlers({
    stock: createStockStore({ db, cache: noCache, lanes }),
    reservations: createReservationStore({ db, relay, lanes }),
    now: () => 0,
    newId: () => newId(),
  });
  const send = async (next: Step): Promise<number[]> => {
    const ctx = testContext({ caller: next.kind === 'adjust' ? ADMIN : ORDER_SERVICE, method: next.kind });
    switch (next.kind) {
      case 'look': {
        const { onHand, reserved, available } = contentOf<Stock>((await db.get(ctx, products, keys.stock(next.productId)))!);
        expect([onHand >= 0, reserved >= 0, available >= 0, available === onHand - reserved]).toEqual([true, true, true, true]);
        return [onHand, reserved];
      }
      case 'adjust': {
        const { stock } = await inventory.adjustStock(ctx, { ...next, delta: BigInt(next.delta), reason: 'count' });
        expect(stock!.available).toBe(stock!.onHand - stock!.reserved);
        return [Number(stock!.onHand), Number(stock!.reserved)];
      }
      case 'reserve': {
        const wanted = Object.entries(next.lines).map(([id, quantity]) => ({ productId: id, quantity: BigInt(quantity) }));
        const reserved = await inventory.reserveStock(ctx, { ...next, lines: wanted, ttlSeconds: next.until / 1000 });
        return [reserved.expireTime!.getTime()];
      }
      case 'commit':
        await inventory.commitReservation(ctx, next);
        return [];
      case 'release':
        await inventory.releaseReservation(ctx, next);
        return [];
    }
  };
  return async (next: Step): Promise<Outcome> => {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      try {
        return { answer: await send(next) };
      } catch (error) {
        if (!isAppError(error)) throw error;
        if (error.code === 'UNAVAILABLE' || error.code === 'ABORTED') continue;
        const left = error.reason === 'INSUFFICIENT_STOCK' ? Object.entries(error.details.metadata ?? {}) : [];
        return { refused: error.reason, left: Object.fromEntries(left.map(([id, units]) => [id, Number(units)])) };
      }
    }
    throw new Error(`never answered: ${JSON.stringify(next)}`);
  };
};

const ADMIN: Caller = { kind: 'admin' };
const ORDER_SERVICE: Caller = { kind: 'service', service: 'order' };

/** A store without a cache: what is displayed is not the subject here, and decisions never read it. */
const noCache = {
  get: <T>(_ctx: unknown, _id: string, load: () => Promise<T>) => load(),
  getMany: <T>(_ctx: unknown, ids: readonly string[], load: (missing: string[]) => Promise<T>) => load([...ids]),
  put: () => Promise.resolve(true),
  bury: () => Promise.resolve(true),
};

const START: World = {
  stock: Object.fromEntries(IDS.map((id) => [id, { onHand: INITIAL, reserved: 0 }])),
  orders: {},
  answers: {},
  events: { RESERVED: 0, COMMITTED: 0, RELEASED: 0 },
};

const seed = async (db: Db): Promise<void> => {
  const ctx = testContext();
  for (const id of IDS)
    await db.transact(ctx, [
      insert(products, { ...keys.product(id), productId: id, sellerId: 'seller' }),
      insert(products, { ...keys.stock(id), ...newStock(id, INITIAL) }),
    ]);
};

/** What the table holds, in the words of the model. */
const tableOf = async (db: Db): Promise<Pick<World, 'stock' | 'orders' | 'events'>> => {
  const ctx = testContext();
  const stocks = (await db.batchGet(ctx, products, IDS.map(keys.stock))).map((item) => contentOf<Stock>(item!));
  const found = (await db.batchGet(ctx, products, ORDERS.map(keys.reservation))).flatMap((item) =>
    item ? [contentOf<Reservation>(item)] : [],
  );
  const outbox = await Promise.all([0, 1, 2, 3].map((shard) => db.query(ctx, products, { pk: `OX#${shard}` })));
  const published = (name: string) =>
    outbox.flatMap(({ items }) => items).filter(({ subject }) => subject === `plaza.product.v1.${name}`).length;
  const orderOf = ({ state, lines: reserved, reservedUntil }: Reservation): Order => ({
    state,
    lines: Object.fromEntries(reserved.map((line) => [line.productId, line.quantity])),
    until: reservedUntil,
  });
  return {
    stock: Object.fromEntries(stocks.map(({ productId: id, onHand, reserved }) => [id, { onHand, reserved }])),
    orders: Object.fromEntries(found.map((reservation) => [reservation.orderId, orderOf(reservation)])),
    events: {
      RESERVED: published('StockReserved'),
      COMMITTED: published('ReservationCommitted'),
      RELEASED: published('ReservationReleased'),
    },
  };
};
