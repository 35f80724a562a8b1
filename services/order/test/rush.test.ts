import { inLanes, isAppError, newId } from '@plaza/core';
import { createMemoryDb, seededFaults } from '@plaza/dynamo';
import { asUser } from '@plaza/testing';
import { expect, test } from 'vitest';

import { orderTable } from '../src/store/table.ts';
import { createLedger } from './ledger.ts';
import { createPeers, peerAway, type Wire } from './peers.ts';
import { createProcess } from './world.ts';

const ORDERS = 1000;
const BUYERS = 100;
const PRODUCTS = 50;
const UNITS = 30;
/** Enough for three orders, or for all that somebody wants. */
const [POOR, RICH] = [3600, 12_000];
const PRICE = 400;
const ADDRESS = { name: 'Ada', lines: ['1 Row'], postalCode: '1', city: 'London', countryCode: 'GB' };
const SEEDS = [1, 2, 3];

test.each(SEEDS)(
  '1,000 orders race for 50 products with short stock and short wallets, over two processes with faults everywhere (seed %i)',
  { timeout: 120_000 },
  async (seed) => {
    const buyers = Array.from({ length: BUYERS }, () => newId());
    const seller = newId();
    const products = Array.from({ length: PRODUCTS }, () => newId());
    const ledger = createLedger({
      stock: Object.fromEntries(products.map((id) => [id, UNITS])),
      money: Object.fromEntries(buyers.map((id, i) => [id, i % 2 === 0 ? POOR : RICH])),
    });
    const offers = products.map((productId) => ({
      productId,
      sellerId: seller,
      name: productId,
      price: { currency: 'EUR', minor: PRICE },
    }));
    let quiet = false;
    let clock = 1_000_000;
    const dice = diceOf(seed);
    const faults = seededFaults(seed, { conflict: 0.05, throttle: 0.02, 'lost-reply': 0.03 });
    const db = createMemoryDb({ faults: (call) => (quiet ? undefined : faults(call)) });
    const wire: Wire = async (_name, effect) => {
      await new Promise((resolve) => setImmediate(resolve));
      const roll = quiet ? 1 : dice();
      if (roll < 0.02) throw peerAway();
      const answer = effect();
      if (roll < 0.04) throw peerAway();
      return answer;
    };
    const peers = createPeers(ledger, offers, wire);
    const processes = [0, 1].map(() => createProcess({ db, peers, now: () => clock }));

    const reasons = new Set<string>();
    await inLanes(
      Array.from({ length: ORDERS }, (_, i) => i),
      50,
      async (i) => {
        const userId = buyers[i % BUYERS]!;
        const lines = [0, 1, 2].map((n) => ({ productId: products[(i * 7 + n * 11) % PRODUCTS]!, quantity: 1n }));
        const request = { userId, lines, shippingAddress: ADDRESS, requestId: newId() };
        for (let tries = 0; ; tries++) {
          try {
            const ctx = { ...asUser(userId), method: 'CreateOrder' };
            await processes[(i + tries) % 2]!.handlers.createOrder(ctx, whole(request));
            return;
          } catch (error) {
            if (!isAppError(error)) throw error;
            if (error.code === 'FAILED_PRECONDITION') return void reasons.add(error.reason);
          }
        }
      },
    );
    quiet = true;
    for (let round = 0, due = 1; due > 0; round++) {
      clock += 20_000;
      due = await processes[0]!.driver.poll();
      if (round > 200) throw new Error('orders never settle');
    }

    const rows = await Promise.all(buyers.map((id) => db.query(asUser(id), orderTable, { pk: `U#${id}` })));
    const orders = rows.flatMap(({ items }) => items);
    const paid = orders.filter(({ state }) => state === 'PAID');
    expect(orders).toHaveLength(ORDERS);
    expect(new Set(orders.map(({ state }) => state))).toEqual(new Set(['PAID', 'FAILED']));
    expect(orders.filter((order) => 'dueShard' in order)).toEqual([]);
    expect([...reasons].sort()).toEqual(['INSUFFICIENT_FUNDS', 'INSUFFICIENT_STOCK']);
    const left = [...ledger.available.values()];
    const sold = paid.reduce((sum, { lines }) => sum + (lines as unknown[]).length, 0);
    expect(Math.min(...left)).toBeGreaterThanOrEqual(0);
    expect(left.reduce((sum, units) => sum + units, 0) + sold).toBe(PRODUCTS * UNITS);
    expect(ledger.balance.get(seller)).toBe(sold * PRICE);
    expect([...ledger.balance.values()].reduce((sum, minor) => sum + minor, 0)).toBe((BUYERS / 2) * (POOR + RICH));
    expect(Math.min(...ledger.balance.values())).toBeGreaterThanOrEqual(0);
  },
);

const whole = (request: object) => ({ expectedTotal: undefined, ...request }) as never;

/** The same numbers for the same seed, in [0, 1). */
const diceOf = (seed: number) => {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
};
