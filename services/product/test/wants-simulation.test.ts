import process from 'node:process';

import { bucketAt, bucketsOf, newId, slotAt, TRENDING_WINDOWS, type TrendingWindow } from '@plaza/core';
import { createBucketSums, createMemoryDb, insert, type Db, type Fault } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { newProduct, type Product } from '../src/domain/product.ts';
import { popularityStep } from '../src/domain/projection.ts';
import { createLanes } from '../src/store/lanes.ts';
import { productRow } from '../src/store/product-rows.ts';
import { keys, products as productTable, wanted } from '../src/store/table.ts';
import { createWantStore, type Happening } from '../src/store/want-store.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 500);
const NOW = 1_800_000_000_000;
/** More than one transaction holds. */
const LISTED = Array.from({ length: 30 }, () => newId());
const UNLISTED = [newId(), newId()];
const DEATH = new Error('the process died here');

const want = fc.record({
  productId: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...LISTED.slice(0, 3)) }, fc.constantFrom(...LISTED, ...UNLISTED)),
  points: fc.constantFrom(1, 5, 20, 40),
});
const happening = fc.record({
  at: fc.oneof(fc.nat(2 * 3_600_000), fc.nat(8 * 24 * 3_600_000)).map((ago) => NOW - ago),
  wants: fc.oneof(
    { weight: 4, arbitrary: fc.array(want, { minLength: 1, maxLength: 4 }) },
    fc.constant([...LISTED, UNLISTED[0]!].map((productId) => ({ productId, points: 1 }))),
  ),
  /** Delivered again so often, whatever becomes of it. */
  again: fc.nat(2),
});
const fault = fc.option(
  fc.constantFrom<Fault | 'death'>('conflict', 'throttle', 'partial', 'lost-reply', 'unreachable', 'death'),
  {
    nil: undefined,
    freq: 3,
  },
);

test(
  'however happenings are repeated, disordered, lost halfway or killed: each counts once, where it belongs',
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(happening, { minLength: 1, maxLength: 6 }),
        fc.array(fault, { maxLength: 60 }),
        fc.scheduler(),
        async (drawn, faults, scheduler) => {
          let live = false;
          const db = createMemoryDb({
            faults: async ({ verb }) => {
              if (!live) return undefined;
              await scheduler.schedule(Promise.resolve(), verb);
              const next = faults.shift();
              if (next === 'death') throw DEATH;
              return next;
            },
          });
          await seed(db);
          const happenings = drawn.map((each, i) => ({ ...each, id: `happening-${i}`, committed: () => undefined }));
          const index = new Map<string, number>();
          live = true;
          await scheduler.waitFor(deliverAll(db, happenings, index));
          live = false;
          expect(await counted(db, index)).toEqual(sums(happenings));
        },
      ),
      { numRuns: RUNS },
    );
  },
);

/** Two processes take deliveries side by side; what fails comes again. */
const deliverAll = async (db: Db, happenings: readonly (Happening & { again: number })[], index: Map<string, number>) => {
  const stepChanged = async (_ctx: unknown, productId: string) => {
    const row = await db.get(testContext(), productTable, keys.popularity(productId));
    // Points only grow: of two who tell at once, the later one knows more.
    index.set(productId, Math.max(index.get(productId) ?? 0, popularityStep(Number(row?.['points'] ?? 0))));
  };
  const processes = [0, 1].map(() => createWantStore({ db, lanes: createLanes(), stepChanged, now: () => NOW }));
  const deliver = async (happening: Happening, process: number): Promise<void> => {
    for (let tries = 0; ; tries++) {
      try {
        return await processes[process]!.count(testContext(), happening);
      } catch (error) {
        if (tries > 100) throw error;
      }
    }
  };
  const deliveries = happenings.flatMap((each) => Array.from({ length: each.again + 1 }, (_, i) => deliver(each, i % 2)));
  await Promise.all(deliveries);
};

interface Counts {
  readonly ever: Readonly<Record<string, number>>;
  /** What was told last of each product. */
  readonly steps: Readonly<Record<string, number>>;
  readonly windows: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** The model: sums of what happened to listed products. */
const sums = (happenings: readonly Happening[]): Counts => {
  const told = happenings.flatMap(({ at, wants }) => wants.map((each) => ({ ...each, at })));
  const listed = told.filter(({ productId }) => LISTED.includes(productId));
  const ever = sum(listed);
  const inside = (window: TrendingWindow) =>
    listed.filter(({ at }) => bucketsOf(window, slotAt(window, NOW)).includes(bucketAt(window, at)));
  return {
    ever,
    steps: Object.fromEntries(Object.entries(ever).map(([id, points]) => [id, popularityStep(points)])),
    windows: Object.fromEntries(TRENDING_WINDOWS.map((window) => [window, sum(inside(window))])),
  };
};

/** The same, from the table. */
const counted = async (db: Db, index: ReadonlyMap<string, number>): Promise<Counts> => {
  const ids = [...LISTED, ...UNLISTED];
  const rows = await db.batchGet(testContext(), productTable, ids.map(keys.popularity));
  const windows = await Promise.all(TRENDING_WINDOWS.map(async (window) => [window, await rankingOf(db, window)]));
  return {
    ever: Object.fromEntries(ids.flatMap((id, i) => (rows[i] ? [[id, Number(rows[i]['points'])]] : []))),
    steps: Object.fromEntries(index),
    windows: Object.fromEntries(windows),
  };
};

const sum = (wants: readonly { productId: string; points: number }[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const { productId, points } of wants) sums[productId] = (sums[productId] ?? 0) + points;
  return sums;
};

const rankingOf = async (db: Db, window: TrendingWindow): Promise<Record<string, number>> => {
  const addUp = createBucketSums({ db, buckets: wanted });
  return Object.fromEntries(await addUp(testContext(), window, slotAt(window, NOW)));
};

const seed = async (db: Db): Promise<void> => {
  const draft = { sellerId: newId(), name: 'Tea', description: '', category: 'tea', price: { currency: 'EUR', minor: 1 } };
  const listed = LISTED.map((id): Product => newProduct(id, draft, 0));
  const deleted: Product = { ...newProduct(UNLISTED[0]!, draft, 0), deletedAt: 1 };
  for (const product of [...listed, deleted]) await db.write(testContext(), insert(productTable, productRow(product)));
};
