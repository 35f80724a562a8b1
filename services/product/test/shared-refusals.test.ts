import { isAppError, newId } from '@plaza/core';
import { createMemoryDb, insert, type Db, type Verb } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { closeStock } from '../src/store/product-rows.ts';
import { keys, products } from '../src/store/table.ts';
import { newStock } from '../src/domain/stock.ts';
import { replica } from './replica.ts';

const [TEA, POT] = [newId(), newId()];

test('when the last unit is gone, two transactions answer everybody: the first was sent before the others came', async () => {
  const { reserve, sent, hold } = await shop({ [TEA]: 1 });
  await reserve(newId(), { [TEA]: 1 });
  const open = hold();
  const inLine = Array.from({ length: 20 }, () => reserve(newId(), { [TEA]: 1 }));
  open();
  expect(await Promise.all(inLine)).toEqual(inLine.map(() => 'INSUFFICIENT_STOCK 0'));
  expect(sent('transact')).toBe(2);
  // The first two look whether their request was applied before; for the others one read looks for their reservations.
  expect([sent('get'), sent('batchGet')]).toEqual([2, 1]);
});

test('an order that has its reservation is answered by it, also under another request id and with nothing left', async () => {
  const { reserve, sent, hold } = await shop({ [TEA]: 1 });
  const orderId = newId();
  await reserve(orderId, { [TEA]: 1 });
  const open = hold();
  const others = [reserve(newId(), { [TEA]: 1 }), reserve(newId(), { [TEA]: 1 })];
  const again = reserve(orderId, { [TEA]: 1 });
  const mismatch = reserve(orderId, { [TEA]: 2 });
  open();
  expect(await Promise.all([...others, again, mismatch])).toEqual([
    'INSUFFICIENT_STOCK 0',
    'INSUFFICIENT_STOCK 0',
    'reserved',
    'RESERVATION_MISMATCH',
  ]);
  // One each of the first two, and the check that the reservation still stands.
  expect(sent('transact')).toBe(3);
});

test('who wants less than is left is not refused by what refused others', async () => {
  const { reserve, hold } = await shop({ [TEA]: 2 });
  const open = hold();
  const inLine = [3, 1, 3, 1, 1].map((units) => reserve(newId(), { [TEA]: units }));
  open();
  expect(await Promise.all(inLine)).toEqual([
    'INSUFFICIENT_STOCK 2',
    'reserved',
    'INSUFFICIENT_STOCK 1',
    'reserved',
    'INSUFFICIENT_STOCK 0',
  ]);
});

test('who comes later is judged by the stock of later', async () => {
  const { reserve, hold, adjust } = await shop({ [TEA]: 1 });
  await reserve(newId(), { [TEA]: 1 });
  const open = hold();
  const before = [reserve(newId(), { [TEA]: 1 }), reserve(newId(), { [TEA]: 1 })];
  open();
  await Promise.all(before);
  await adjust(TEA, 1);
  expect(await reserve(newId(), { [TEA]: 1 })).toBe('reserved');
});

test('a basket is told of every line that is short, which the row of one product cannot', async () => {
  const { reserve, hold } = await shop({ [TEA]: 0, [POT]: 1 });
  const open = hold();
  const inLine = [reserve(newId(), { [TEA]: 1 }), reserve(newId(), { [TEA]: 1, [POT]: 2 })];
  open();
  expect((await Promise.all(inLine))[1]).toBe('INSUFFICIENT_STOCK 0 1');
});

test('a deleted product refuses all who are in line as what it is', async () => {
  const { db, reserve, sent, hold } = await shop({ [TEA]: 5 });
  await db.transact(testContext(), [closeStock(TEA, 1)]);
  const open = hold();
  const inLine = Array.from({ length: 5 }, () => reserve(newId(), { [TEA]: 1 }));
  open();
  expect(await Promise.all(inLine)).toEqual(inLine.map(() => 'PRODUCT_INACTIVE'));
  expect(sent('transact')).toBe(2);
});

test('a sale may fill its line, and then turns the next one away without asking the table', async () => {
  const { reserve, sent, hold } = await shop({ [TEA]: 1000, [POT]: 1 });
  const open = hold();
  const inLine = Array.from({ length: 65 }, () => reserve(newId(), { [TEA]: 1 }));
  expect(await Promise.all(Array.from({ length: 10 }, () => reserve(newId(), { [TEA]: 1 })))).toEqual(
    Array.from({ length: 10 }, () => 'PRODUCT_BUSY'),
  );
  expect(sent('get')).toBe(0);
  open();
  expect(await Promise.all(inLine)).toEqual(inLine.map(() => 'reserved'));
});

/** One process over a table in memory with so many units of each product. */
const shop = async (units: Record<string, number>) => {
  const counts = new Map<Verb, number>();
  let gate: Promise<void> | undefined;
  const db: Db = createMemoryDb({
    faults: async ({ verb }) => {
      counts.set(verb, (counts.get(verb) ?? 0) + 1);
      await gate;
      return undefined;
    },
  });
  for (const [productId, count] of Object.entries(units))
    await db.transact(testContext(), [
      insert(products, { ...keys.product(productId), productId, sellerId: 'seller' }),
      insert(products, { ...keys.stock(productId), ...newStock(productId, count) }),
    ]);
  counts.clear();
  const { inventory } = replica(db, Date.now);
  const answer = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => 'reserved',
      (error: unknown) => {
        if (!isAppError(error)) throw error;
        const { metadata = {} } = error.details;
        const left = error.reason === 'INSUFFICIENT_STOCK' ? Object.keys(units).flatMap((id) => metadata[id] ?? []) : [];
        return [error.reason, ...left].join(' ');
      },
    );
  return {
    db,
    sent: (verb: Verb) => counts.get(verb) ?? 0,
    /** Nothing reaches the table until the answer is called; from here on it is counted what is sent. */
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      counts.clear();
      return resolve;
    },
    reserve: (orderId: string, lines: Record<string, number>) =>
      answer(
        inventory.reserveStock(testContext({ caller: { kind: 'service', service: 'order' }, method: 'reserve' }), {
          orderId,
          lines: Object.entries(lines).map(([productId, quantity]) => ({ productId, quantity: BigInt(quantity) })),
          ttlSeconds: 0,
          requestId: newId(),
        }),
      ),
    adjust: (productId: string, delta: number) =>
      inventory.adjustStock(testContext({ caller: { kind: 'admin' }, method: 'adjust' }), {
        productId,
        delta: BigInt(delta),
        reason: 'delivery',
        requestId: newId(),
      }),
  };
};
