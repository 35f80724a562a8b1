import { isAppError, newId } from '@plaza/core';
import { ReserveStockRequest } from '@plaza/proto/plaza/product/v1/inventory_service';
import { GetProductRequest } from '@plaza/proto/plaza/product/v1/product_service';
import { testContext, type Plaza } from '@plaza/testing';

import { generate, sell } from './generate.ts';
import type { Job, Load } from './generator.ts';
import type { SaleResult } from './buyers.ts';
import { createPeople, type Bench } from './people.ts';
import { compare, median } from './report.ts';

const ATTEMPTS = 5_000;
const AT_ONCE = 200;
const UNITS = 100;
const OTHERS = 20;
const READS_PER_SECOND = 50;
const RESERVES_PER_SECOND = 20;
const WARM_UP_MS = 1_000;
const DURATION_MS = 4_000;

/**
 * What a sale of one product costs the others: reads and reservations of other products at constant rates, while 200 buyers at a time
 * fight for 100 units, against the same without them. A sale that ends early is followed by the next one, of another product.
 */
export const benchFlashSale: Bench = async ({ plaza, pairs, say }) => {
  const [sellerId] = await createPeople(plaza, 1);
  const list = (units: number) => listProduct(plaza, sellerId!, units);
  const others: string[] = [];
  for (let i = 0; i < OTHERS; i++) others.push(await list(1_000_000));

  const at = { address: plaza.addresses.product, concurrency: 0, warmUpMs: WARM_UP_MS, durationMs: DURATION_MS };
  const reading = (): Job => ({
    ...at,
    path: '/plaza.product.v1.ProductService/GetProduct',
    request: others.map((productId) => base64(GetProductRequest.encode({ productId }).finish())),
    token: plaza.keys.adminToken(),
    rate: READS_PER_SECOND,
  });
  const reserving = (): Job => ({
    ...at,
    path: '/plaza.product.v1.InventoryService/ReserveStock',
    request: Array.from({ length: ((WARM_UP_MS + DURATION_MS + 1_000) / 1_000) * RESERVES_PER_SECOND }, (_, i) =>
      base64(ReserveStockRequest.encode(wish(others[i % OTHERS]!)).finish()),
    ),
    token: orderToken(plaza),
    rate: RESERVES_PER_SECOND,
  });

  const reads: Sides = { during: [], quiet: [] };
  const reserves: Sides = { during: [], quiet: [] };
  const sales: SaleResult[] = [];
  // A server that has just started compiles what a sale needs while it sells.
  await sale(plaza, await list(UNITS));
  for (let pair = 0; pair < pairs; pair++) {
    say(`flash sale: pair ${pair + 1} of ${pairs}`);
    let over = false;
    const selling = async () => {
      while (!over) sales.push(await sale(plaza, await list(UNITS)));
    };
    const both = async (into: keyof Sides) => {
      const [read, reserve] = await Promise.all([generate(reading()), generate(reserving())]);
      reads[into].push(read);
      reserves[into].push(reserve);
      over = true;
    };
    await Promise.all([selling(), both('during')]);
    await both('quiet');
  }

  const sum = (figure: (result: SaleResult) => number) => sales.reduce((total, result) => total + figure(result), 0);
  say(
    `flash sale: ${sales.length} sales of ${ATTEMPTS} attempts, ${median(sales.map(({ seconds }) => seconds)).toFixed(1)} s each; ` +
      `${sum(({ busy }) => busy)} answers PRODUCT_BUSY, ${sum(({ overloaded }) => overloaded)} OVERLOADED, ` +
      `${sum(({ timedOut }) => timedOut)} timed out`,
  );
  const wrong = sum(({ timedOut, failed, reserved }) => timedOut + failed + Math.abs(reserved - UNITS));
  const figures = (name: string, { during, quiet }: Sides) =>
    compare(
      { name: `${name} of other products during a flash sale`, unit: 'requests', floorName: 'the same without the sale' },
      during,
      quiet,
      [...during, ...quiet].reduce((total, run) => total + run.errors, 0),
    );
  const read = figures(`GetProduct, ${READS_PER_SECOND} a second,`, reads);
  const reserve = figures(`ReserveStock, ${RESERVES_PER_SECOND} a second,`, reserves);
  return [read, { ...reserve, errors: reserve.errors + wrong }];
};

interface Sides {
  readonly during: Load[];
  readonly quiet: Load[];
}

/** One sale, after which exactly its units are reserved. */
const sale = async (plaza: Plaza, productId: string): Promise<SaleResult> => {
  const { product: address } = plaza.addresses;
  const result = await sell({ address, token: orderToken(plaza), productId, attempts: ATTEMPTS, concurrency: AT_ONCE });
  const { stock } = await insist(() => plaza.clients.inventory.getStock(plaza.asAdmin(), { productId }));
  const { reserved, available } = stock!;
  if (Number(reserved) !== UNITS || available !== 0n) throw new Error(`${reserved} units are reserved, of ${UNITS}`);
  return result;
};

/** A busy machine may miss a deadline: what prepares and checks is asked again, what is measured is not. */
const insist = async <T>(call: () => Promise<T>): Promise<T> => {
  for (let tries = 0; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (!isAppError(error) || tries === 10) throw error;
    }
  }
};

const listProduct = async (plaza: Plaza, sellerId: string, units: number): Promise<string> => {
  const price = { currencyCode: 'EUR', units: 5n, nanos: 0 };
  const request = { sellerId, name: 'Tea', category: 'tea', price, initialStock: BigInt(units), requestId: newId() };
  return (await insist(() => plaza.clients.products.createProduct(plaza.asAdmin(), request))).product!.productId;
};

const wish = (productId: string): ReserveStockRequest =>
  ReserveStockRequest.fromPartial({ orderId: newId(), lines: [{ productId, quantity: 1n }], requestId: newId() });

/** Good for a minute. */
const orderToken = (plaza: Plaza): string => plaza.keys.tokenOf(testContext({ caller: { kind: 'service', service: 'order' } }))!;

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
