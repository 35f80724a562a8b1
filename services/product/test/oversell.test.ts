import process from 'node:process';

import { newId } from '@plaza/core';
import { createMemoryDb, insert, seededFaults, type Db } from '@plaza/dynamo';
import { asAdmin, createProxy, eventually, testContext, type Proxy } from '@plaza/testing';
import { expect, test } from 'vitest';

import { newStock, type Stock } from '../src/domain/stock.ts';
import { contentOf, keys, products as productTable } from '../src/store/table.ts';
import { buy, PLANS, type Bought, type Inventory } from './buyers.ts';
import { startProcesses } from './process.ts';
import { replica } from './replica.ts';
import { eur } from './world.ts';

/** OVERSELL_SEEDS=100 for a long run in memory, OVERSELL_BUYERS=10000 for one over real engines. */
const SEEDS = Number(process.env['OVERSELL_SEEDS'] ?? 5);
const BUYERS = Number(process.env['OVERSELL_BUYERS'] ?? 1000);
const UNITS = 100;
/** In memory all of them race; over real engines so many at a time as two processes answer without turning most of them away. */
const AT_ONCE = 40;
const KILLS = 3;

test.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
  'seed %i: 1,000 buyers of 100 units through conflicts, throttles and lost replies: no unit is sold twice, none is lost, every answer is true',
  { timeout: 300_000 },
  async (seed) => {
    expect.hasAssertions();
    let live = false;
    const faults = seededFaults(seed, { conflict: 0.1, throttle: 0.05, 'lost-reply': 0.05, unreachable: 0.05 });
    const db = createMemoryDb({ faults: (call) => (live ? faults(call) : undefined) });
    const productId = newId();
    await db.transact(testContext(), [
      insert(productTable, { ...keys.product(productId), productId, sellerId: 'seller' }),
      insert(productTable, { ...keys.stock(productId), ...newStock(productId, UNITS) }),
    ]);
    const replicas = [replica(db, Date.now), replica(db, Date.now)];
    live = true;
    const bought = await race({ buyers: 1000, atOnce: 1000, productId }, (i) => () => replicas[i % 2]!.inventory);
    live = false;
    await audit(db, productId, bought);
  },
);

test(
  'the same over real engines while replies of the table are dropped and the services are killed, and the recount agrees',
  { timeout: 1_200_000 },
  async () => {
    await using opened = new AsyncDisposableStack();
    let proxy: Proxy | undefined;
    const { sellerId, services, db } = opened.adopt(
      await startProcesses({
        count: 2,
        change: async ({ dynamodbEndpoint }) => {
          proxy = opened.adopt(await createProxy({ target: new URL(dynamodbEndpoint).host }), (it) => it.close());
          return { dynamodbEndpoint: `http://${proxy.address}` };
        },
      }),
      (it) => it.close(),
    );
    const { products, inventory } = services[0]!.callers;
    const wish = { sellerId, name: 'Tea', category: 'tea', price: eur(499), initialStock: BigInt(UNITS) };
    const { productId } = (await products.createProduct(asAdmin(), wish)).product!;

    dropTenth(proxy!);
    let answered = 0;
    let kills = 0;
    // By turns, each time another part of the buyers is through.
    const killOnTheWay = async () => {
      while (kills < KILLS) {
        await eventually(() => expect(answered).toBeGreaterThanOrEqual(((kills + 1) * BUYERS) / (KILLS + 2)), {
          timeoutMs: 900_000,
        });
        const service = services[kills++ % services.length]!.process;
        service.kill();
        await service.exited;
        await service.restart();
      }
    };
    const buying = race(
      { buyers: BUYERS, atOnce: AT_ONCE, productId },
      (i) => () => services[i % 2]!.callers.inventory as Inventory,
      () => answered++,
    );
    const [bought] = await Promise.all([buying, killOnTheWay()]);
    expect(proxy!.dropped).toBeGreaterThan(BUYERS / 50);
    proxy!.heal();

    await audit(db, productId, bought);
    await eventually(
      async () => {
        const { counts } = await inventory.reconcileStock(asAdmin(), { productIds: [productId] });
        expect(counts).toMatchObject([{ productId, agrees: true }]);
      },
      { timeoutMs: 60_000 },
    );
  },
);

/** All of them buy, so many at a time. */
const race = async (
  { buyers, atOnce, productId }: { buyers: number; atOnce: number; productId: string },
  inventoryOf: (i: number) => () => Inventory,
  done: () => void = () => undefined,
): Promise<Bought[]> => {
  const bought: Bought[] = [];
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < buyers; i = next++) {
      bought.push(await buy(inventoryOf(i), productId, PLANS[i % PLANS.length]!));
      done();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return bought;
};

/** What the answers say, what the reservations say and what the stock says are one and the same. */
const audit = async (db: Db, productId: string, bought: readonly Bought[]): Promise<void> => {
  const count = (state: Bought['state']) => bought.filter((one) => one.state === state).length;
  const { onHand, reserved, available } = contentOf<Stock>((await db.get(testContext(), productTable, keys.stock(productId)))!);
  expect({ onHand, reserved, available }).toEqual({
    onHand: UNITS - count('COMMITTED'),
    reserved: count('RESERVED'),
    available: UNITS - count('COMMITTED') - count('RESERVED'),
  });
  // It was sold out, at least for a while: the last ones to give units back may find nobody who wants them.
  expect(count('NONE')).toBeGreaterThan(0);
  const rows = await db.batchGet(
    testContext(),
    productTable,
    bought.map(({ orderId }) => keys.reservation(orderId)),
  );
  expect(rows.map((row) => row?.['state'] ?? 'NONE')).toEqual(bought.map(({ state }) => state));
};

/** The reply to each tenth transaction, whatever it says; the repetitions of each get through. */
const dropTenth = (proxy: Proxy): void => {
  const dropped = new Set<string>();
  proxy.dropReply((request) => {
    const token = /"ClientRequestToken":"(\w+)/.exec(request.toString('latin1'))?.[1];
    if (token === undefined || parseInt(token, 16) % 10 > 0 || dropped.has(token)) return false;
    dropped.add(token);
    return true;
  });
};
