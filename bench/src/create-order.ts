import { newId } from '@plaza/core';
import { CreateOrderRequest } from '@plaza/proto/plaza/order/v1/order_service';
import type { Plaza } from '@plaza/testing';

import { cpuMeter } from './cpu.ts';
import { floorOfOrders, generate } from './generate.ts';
import type { Load } from './generator.ts';
import { createPeople, type Bench } from './people.ts';
import { compare } from './report.ts';

const CONCURRENCY = 8;
const SELLERS = 10;
const LINES = 3;
const WARM_UP_MS = 1_500;
const DURATION_MS = 4_000;

/** CreateOrder of three lines up to PAID, over three services, against the same DynamoDB transactions issued back to back. */
export const benchCreateOrder: Bench = async ({ plaza, engines, pairs, say }) => {
  const requests = await wishes(plaza);
  const job = {
    address: plaza.addresses.order,
    path: '/plaza.order.v1.OrderService/CreateOrder',
    request: requests.map((wish) => Buffer.from(wish).toString('base64')),
    token: plaza.keys.adminToken(),
    concurrency: CONCURRENCY,
    warmUpMs: WARM_UP_MS,
    durationMs: DURATION_MS,
  };
  const floorJob = {
    endpoint: engines.dynamodbEndpoint,
    concurrency: CONCURRENCY,
    warmUpMs: WARM_UP_MS,
    durationMs: DURATION_MS,
  };
  const [ours, floor]: [Load[], Load[]] = [[], []];
  const meter = cpuMeter({ plaza, engines });
  for (let pair = 0; pair < pairs; pair++) {
    say(`create order: pair ${pair + 1} of ${pairs}`);
    ours.push(await meter.during('ours', () => generate(job)));
    floor.push(await meter.during('floor', () => floorOfOrders(floorJob)));
  }
  say(`create order: ${meter.report({ ours: sumOf(ours), floor: sumOf(floor) })}`);
  const errors = [...ours, ...floor].reduce((sum, run) => sum + run.errors, 0);
  const about = {
    name: `CreateOrder of ${LINES} lines to PAID`,
    unit: 'orders',
    floorName: `its DynamoDB transactions back to back, ${CONCURRENCY} lanes`,
  };
  return compare(about, ours, floor, errors);
};

/** Warm-up and measurement are alike, so that each measured call stands for so many. */
const sumOf = (loads: readonly Load[]): number =>
  (loads.reduce((sum, { calls }) => sum + calls, 0) * (WARM_UP_MS + DURATION_MS)) / DURATION_MS;

/** Without a request_id, so that each may be sent any number of times. */
const wishes = async (plaza: Plaza): Promise<Uint8Array[]> => {
  const [buyers, sellers] = [await createPeople(plaza, CONCURRENCY * 4), await createPeople(plaza, SELLERS)];
  const amount = { currencyCode: 'EUR', units: 1_000_000n, nanos: 0 };
  for (const userId of buyers)
    await plaza.clients.wallets.creditWallet(plaza.asAdmin(), { userId, amount, reason: 'bench', requestId: newId() });
  const shelves: string[][] = [];
  for (const sellerId of sellers) {
    const products = Array.from({ length: LINES * 3 }, (_, n) => ({
      sellerId,
      name: `Teapot ${n}`,
      category: 'toys',
      price: { currencyCode: 'EUR', units: 1n, nanos: 0 },
      initialStock: 1_000_000n,
      requestId: newId(),
    }));
    const made = products.map((product) => plaza.clients.products.createProduct(plaza.asAdmin(10_000), product));
    shelves.push((await Promise.all(made)).map(({ product }) => product!.productId));
  }
  const shippingAddress = { name: 'Ada', lines: ['1 Plaza Street'], postalCode: '10115', city: 'Berlin', countryCode: 'DE' };
  return Array.from({ length: 200 }, (_, i) => {
    const shelf = shelves[i % SELLERS]!;
    const lines = [0, 1, 2].map((n) => ({ productId: shelf[(i + n) % shelf.length]!, quantity: 1n }));
    const userId = buyers[i % buyers.length]!;
    return CreateOrderRequest.encode(CreateOrderRequest.fromPartial({ userId, lines, shippingAddress })).finish();
  });
};
