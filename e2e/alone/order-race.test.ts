import process from 'node:process';

import { inLanes, isAppError, newId } from '@plaza/core';
import { eventually } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { auditUntil } from '../src/faults/order-audit.ts';
import { people, product, type Shop, type Wish } from '../src/faults/order-work.ts';
import { insist } from '../src/insist.ts';
import { ADDRESS, startWorld, type World } from '../src/world.ts';

// 1,000 with ORDERS=1000, which takes minutes.
const ORDERS = Number(process.env['ORDERS'] ?? 120);
const PRODUCTS = 50;
const BUYERS = ORDERS / 10;
const AT_ONCE = 24;
/** On two cores the local engine pays for some six orders a second: what it could not do within the calls it does behind them. */
const SETTLE_MS = 60_000 + ORDERS * 300;

let world: World;
beforeAll(async () => {
  world = await startWorld({ services: ['user', 'product', 'order'] });
});
afterAll(() => world?.close());

test(
  `${ORDERS} racing orders over ${PRODUCTS} products with short stock and short wallets settle, and every unit and cent is where it belongs`,
  { timeout: 180_000 + ORDERS * 900 },
  async () => {
    const shop = await shortShop();
    const buyers = Object.keys(shop.funds);
    const products = Object.keys(shop.products);
    const wishes = Array.from({ length: ORDERS }, (_, i): Wish => ({ buyer: buyers[i % buyers.length]!, requestId: newId() }));

    // Three products each, all in all 3 * ORDERS units of which there are half as many.
    await inLanes([...wishes.entries()], AT_ONCE, async ([i, wish]) => {
      const lines = [0, 1, 2].map((n) => ({ productId: products[(i * 7 + n * 11) % PRODUCTS]!, quantity: 1n }));
      const request = { userId: wish.buyer, lines, shippingAddress: ADDRESS, requestId: wish.requestId };
      try {
        const { order } = await insist(() =>
          world.plaza.clients.orders.createOrder(world.plaza.asUser(wish.buyer, 8000), request),
        );
        wish.orderId = order!.orderId;
      } catch (error) {
        if (!isAppError(error)) throw error;
        wish.refused = error;
      }
    });

    const { states, reasons, violations } = await auditUntil(performance.now() + SETTLE_MS, world, shop, wishes);
    expect(violations).toEqual([]);
    expect(Object.keys(states).sort()).toEqual(['FAILED', 'PAID']);
    expect(states['PAID']! + states['FAILED']!).toBe(ORDERS);
    expect(reasons).toEqual(['INSUFFICIENT_FUNDS', 'INSUFFICIENT_STOCK']);
    // Whoever was refused within the call heard the same.
    const heard = wishes.flatMap(({ refused }) => refused?.reason ?? []);
    expect(reasons).toEqual(expect.arrayContaining(heard));

    // What says that all is well would say so if it were not.
    const lost = { buyer: buyers[0]!, requestId: newId(), orderId: newId() };
    await eventually(async () => {
      const found = await auditUntil(0, world, withOneMore(shop), [...wishes, lost]);
      expect(found.violations.map((violation) => violation.slice(0, 2)).sort()).toEqual(['I1', 'I2', 'I3']);
    });
  },
);

/** The same with a unit and a cent that are nowhere. */
const withOneMore = (shop: Shop): Shop => {
  const [[productId, product]] = Object.entries(shop.products) as [[string, Shop['products'][string]]];
  const [[buyer, funds]] = Object.entries(shop.funds) as [[string, number]];
  return {
    ...shop,
    products: { ...shop.products, [productId]: { ...product, received: product.received + 1 } },
    funds: { ...shop.funds, [buyer]: funds + 1 },
  };
};

/** Half of the units that are asked for, and half of the money that they cost. */
const shortShop = async (): Promise<Shop> => {
  const [sellers, buyers] = [await people(world, 5), await people(world, BUYERS)];
  const received = Math.ceil((ORDERS * 3) / PRODUCTS / 2);
  const products = new Map<string, Shop['products'][string]>();
  for (let i = 0; i < PRODUCTS; i++) {
    const sellerId = sellers[i % sellers.length]!;
    products.set(await product(world, sellerId, received, 10), { sellerId, cents: 1000, received });
  }
  const funds = new Map<string, number>();
  for (const [i, buyer] of buyers.entries()) {
    const units = i % 2 === 0 ? 90 : 1000;
    await world.fund(buyer, units);
    funds.set(buyer, units * 100);
  }
  return { sellers, products: Object.fromEntries(products), funds: Object.fromEntries(funds) };
};
