import process from 'node:process';

import { isAppError, newId, type AppError, type Caller } from '@plaza/core';
import { createMemoryDb, insert, type Db, type Fault } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { expireStep, type Reservation } from '../src/domain/reservation.ts';
import { newStock, type Stock } from '../src/domain/stock.ts';
import { closeStock, openStock } from '../src/store/product-rows.ts';
import { contentOf, keys, products } from '../src/store/table.ts';
import { explain, type Outcome, type Seen, type Step } from './history.ts';
import type { Order, World } from './model.ts';
import { replica } from './replica.ts';
import { turnsOf } from './turns.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 1000);
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
  // Between the two ends that reservations have here, or after both.
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('expire' as const), orderId, at: fc.constantFrom(1500, 2000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('close' as const, 'open' as const), productId }) },
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
          const worlds = explain(history, START).map(({ stock, orders, events, turns }) => ({ stock, orders, events, turns }));
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
  const { inventory, reservations } = replica(db, () => 0);
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
      case 'expire':
        await reservations.expire(ctx, next.orderId, (seen) => expireStep(seen, next.at));
        return [];
      case 'close':
      case 'open':
        await db.transact(ctx, [next.kind === 'close' ? closeStock(next.productId, 1) : openStock(next.productId)]);
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
        return { refused: error.reason, left: leftOf(error) };
      }
    }
    throw new Error(`never answered: ${JSON.stringify(next)}`);
  };
};

const ADMIN: Caller = { kind: 'admin' };
const ORDER_SERVICE: Caller = { kind: 'service', service: 'order' };

const leftOf = ({ reason, details: { metadata = {} } }: AppError): Record<string, number> => {
  if (reason === 'PRODUCT_INACTIVE') return Object.fromEntries(metadata['product_ids']!.split(',').map((id) => [id, 0]));
  const left = reason === 'INSUFFICIENT_STOCK' ? Object.entries(metadata) : [];
  return Object.fromEntries(left.map(([id, units]) => [id, Number(units)]));
};

const START: World = {
  stock: Object.fromEntries(IDS.map((id) => [id, { onHand: INITIAL, reserved: 0, closed: false }])),
  orders: {},
  answers: {},
  events: { RESERVED: 0, COMMITTED: 0, RELEASED: 0, EXPIRED: 0 },
  turns: Object.fromEntries(IDS.map((id) => [id, []])),
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
const tableOf = async (db: Db): Promise<Pick<World, 'stock' | 'orders' | 'events' | 'turns'>> => {
  const ctx = testContext();
  const stocks = (await db.batchGet(ctx, products, IDS.map(keys.stock))).map((item) => contentOf<Stock>(item!));
  const found = (await db.batchGet(ctx, products, ORDERS.map(keys.reservation))).flatMap((item) =>
    item ? [contentOf<Reservation>(item)] : [],
  );
  const outbox = await Promise.all([0, 1, 2, 3].map((shard) => db.query(ctx, products, { pk: `OX#${shard}` })));
  const rows = outbox.flatMap(({ items }) => items);
  const published = (name: string) => rows.filter(({ subject }) => subject === `plaza.product.v1.${name}`).length;
  const orderOf = ({ state, lines: reserved, reservedUntil }: Reservation): Order => ({
    state,
    lines: Object.fromEntries(reserved.map((line) => [line.productId, line.quantity])),
    until: reservedUntil,
  });
  return {
    stock: Object.fromEntries(
      stocks.map(({ productId: id, onHand, reserved, inactiveAt }) => [
        id,
        { onHand, reserved, closed: inactiveAt !== undefined },
      ]),
    ),
    orders: Object.fromEntries(found.map((reservation) => [reservation.orderId, orderOf(reservation)])),
    events: {
      RESERVED: published('StockReserved'),
      COMMITTED: published('ReservationCommitted'),
      RELEASED: published('ReservationReleased'),
      EXPIRED: published('ReservationExpired'),
    },
    turns: Object.fromEntries(IDS.map((id) => [id, turnsOf(rows, id)])),
  };
};
