import { isAppError, newId, pause } from '@plaza/core';
import { createMemoryDb, insert } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { newStock, type Stock } from '../src/domain/stock.ts';
import { contentOf, keys, products } from '../src/store/table.ts';
import { replica } from './replica.ts';

const ATTEMPTS = 5000;
const AT_ONCE = 200;
const UNITS = 100;
/** Wide: a machine that stands still for a moment is not what is looked at here. */
const BUDGET_MS = 30_000;
/** What the table takes for each command, about what a real one does. */
const TABLE_MS = 5;

test(
  '5,000 attempts on 100 units: all are answered, and nine in ten without a transaction of their own',
  { timeout: 120_000 },
  async () => {
    const sent = { transact: 0, other: 0 };
    let live = false;
    const db = createMemoryDb({
      faults: async ({ verb }) => {
        if (!live) return undefined;
        sent[verb === 'transact' ? verb : 'other']++;
        await pause(TABLE_MS);
        return undefined;
      },
    });
    const productId = newId();
    await db.transact(testContext(), [
      insert(products, { ...keys.product(productId), productId, sellerId: 'seller' }),
      insert(products, { ...keys.stock(productId), ...newStock(productId, UNITS) }),
    ]);
    const { inventory } = replica(db, Date.now);
    const ask = (orderId: string, requestId: string): Promise<string> => {
      const ctx = testContext({ caller: { kind: 'service', service: 'order' }, timeoutMs: BUDGET_MS });
      const lines = [{ productId, quantity: 1n }];
      return inventory.reserveStock(ctx, { orderId, requestId, ttlSeconds: 0, lines }).then(
        () => 'RESERVED',
        (error: unknown) => (isAppError(error) ? error.reason : String(error)),
      );
    };

    const answers = new Map<string, number>();
    let begun = 0;
    const buyer = async () => {
      while (begun++ < ATTEMPTS) {
        const [orderId, requestId] = [newId(), newId()];
        let answer = await ask(orderId, requestId);
        for (; answer === 'PRODUCT_BUSY'; answer = await ask(orderId, requestId)) await pause(250 + 500 * Math.random());
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
      }
    };
    live = true;
    await Promise.all(Array.from({ length: AT_ONCE }, buyer));
    live = false;

    expect(Object.fromEntries(answers)).toEqual({ RESERVED: UNITS, INSUFFICIENT_STOCK: ATTEMPTS - UNITS });
    const { onHand, reserved, available } = contentOf<Stock>((await db.get(testContext(), products, keys.stock(productId)))!);
    expect({ onHand, reserved, available }).toEqual({ onHand: UNITS, reserved: UNITS, available: 0 });
    // One each would be 5,000, and a read each to see whether the request was applied before, which those cost who wait too long.
    expect(sent.transact).toBeLessThan(ATTEMPTS / 10);
    expect(sent.other).toBeLessThan(ATTEMPTS / 2);
  },
);
