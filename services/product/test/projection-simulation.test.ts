import process from 'node:process';

import { isAppError, newId, type Caller, type Context } from '@plaza/core';
import { createMemoryDb, put, type Db, type Fault, type Item } from '@plaza/dynamo';
import { eventually, testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { projectProduct } from '../src/consumers/project-product.ts';
import { deletedProduct, newProduct, restoredProduct, tombstone, type Product } from '../src/domain/product.ts';
import { popularityStep } from '../src/domain/projection.ts';
import { wordsOf } from '../src/domain/words.ts';
import { productRow } from '../src/store/product-rows.ts';
import { createProjectionStore } from '../src/store/projection-store.ts';
import { countShards, keys, products, wordPartition, wordParts } from '../src/store/table.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 900);
const DEATH = new Error('the process died here');

/** What becomes of one product, step by step; `turn` deletes it, or brings it back. */
type Step = { kind: 'edit' | 'want' | 'price' | 'turn' | 'erase'; name: string };

// Few of each, so that a product often is again what it was before.
const step = fc.record({
  kind: fc.constantFrom<Step['kind']>('edit', 'edit', 'edit', 'turn', 'turn', 'turn', 'turn', 'want', 'price', 'erase'),
  name: fc.constantFrom('Green tea', 'Pot'),
});
/** A change, and how often its event comes. */
const change = fc.record({ step, copies: fc.integer({ min: 1, max: 2 }) });
const fault = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Fault | 'crash'>('conflict', 'throttle', 'lost-reply', 'unreachable', 'crash'),
  },
);

test(
  'whatever is delivered twice, late, in any order, or dies on the way: in the end index and counts are those of a recount',
  { timeout: 600_000 },
  async () => {
    const lives = fc.array(fc.array(change, { maxLength: 6 }), { minLength: 1, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(lives, fc.array(fault, { maxLength: 60 }), fc.scheduler(), async (stories, plan, scheduler) => {
        let live = true;
        const db = createMemoryDb({
          faults: async ({ verb }) => {
            if (!live) return undefined;
            await scheduler.schedule(Promise.resolve(), verb);
            const next = plan.shift();
            if (next === 'crash') throw DEATH;
            return next;
          },
        });
        const ends = await scheduler.waitFor(Promise.all(stories.map((story) => liveThrough(db, story))));
        live = false;
        expect(await tableOf(db)).toEqual(recount(ends));
      }),
      { numRuns: RUNS },
    );
  },
);

test('who read the product before it was deleted and brought back cannot undo the projection of who read it after that', async () => {
  const hold = Promise.withResolvers<void>();
  let held = 0;
  const db = createMemoryDb({
    faults: async ({ method, verb }) => {
      if (method !== 'slow' || verb !== 'transact') return undefined;
      held++;
      await hold.promise;
      return undefined;
    },
  });
  const projections = createProjectionStore({ db });
  const product = newProduct(newId(), DRAFT, 0);
  const { productId } = product;
  const store = (next: Product) => db.transact(testContext(), [put(products, productRow(next))]);
  await store(product);
  await projections.project(testContext(), productId);
  await store(deletedProduct(product, 1));
  const slow = projections.project(testContext({ method: 'slow' }), productId);
  await eventually(() => expect(held).toBe(1));
  const restored = restoredProduct(productId, deletedProduct(product, 1), ADMIN, 2);
  await store(restored);
  await projections.project(testContext(), productId);
  hold.resolve();
  await slow;
  expect(await tableOf(db)).toEqual(recount([{ product: restored, points: 0 }]));
});

interface End {
  readonly product: Product;
  readonly points: number;
}

const liveThrough = async (db: Db, story: readonly { step: Step; copies: number }[]): Promise<End> => {
  const projections = createProjectionStore({ db });
  const { handle } = projectProduct({ products: { refresh: async () => undefined }, projections }, 'project');
  let end: End = { product: newProduct(newId(), DRAFT, 0), points: 0 };
  const { productId } = end.product;
  const deliveries: Promise<void>[] = [];
  const deliver = (copies: number): void => {
    for (let copy = 0; copy < copies; copy++) deliveries.push(insist((ctx) => handle(ctx, { productId }, META)));
  };
  await insist((ctx) => db.transact(ctx, [put(products, productRow(end.product))]));
  deliver(1);
  for (const { step: next, copies } of story) {
    const after = stepped(end, next);
    if (after === end) continue;
    end = after;
    const popularity: Item = { ...keys.popularity(productId), points: end.points };
    await insist((ctx) => db.transact(ctx, [put(products, productRow(after.product)), put(products, popularity)]));
    // Nobody publishes an erasure: the eraser itself goes on until it is done.
    if (next.kind === 'erase') deliveries.push(insist((ctx) => projections.project(ctx, productId)));
    else deliver(copies);
  }
  await Promise.all(deliveries);
  return end;
};

const stepped = (end: End, next: Step): End => {
  const { product, points } = end;
  if (next.kind === 'want') return { product, points: points * 2 + 1 };
  if (product.erasedAt !== undefined) return end;
  if (next.kind === 'erase') return { points, product: tombstone(product, 3) };
  const gone = product.deletedAt !== undefined;
  if (next.kind === 'turn')
    return { points, product: gone ? restoredProduct(product.productId, product, ADMIN, 2) : deletedProduct(product, 1) };
  if (gone) return end;
  const changed = { ...product, version: product.version + 1 };
  if (next.kind === 'price') return { points, product: { ...changed, price: { currency: 'EUR', minor: changed.version } } };
  return { points, product: { ...changed, name: next.name, category: next.name === 'Pot' ? 'pots' : 'tea' } };
};

const DRAFT = { sellerId: 's', name: 'Tea', description: 'tea for two', category: 'tea', price: { currency: 'EUR', minor: 1 } };
const ADMIN: Caller = { kind: 'admin' };
const META = { id: '', at: 0, aggregateId: '', version: 1, tries: 1, stopping: new AbortController().signal };

/** Who died, or heard that it went wrong, begins again. */
const insist = async (work: (ctx: Context) => Promise<unknown>): Promise<void> => {
  for (let tries = 0; tries < 100; tries++) {
    try {
      await work(testContext({ method: 'simulation' }));
      return;
    } catch (error) {
      if (error !== DEATH && !isAppError(error)) throw error;
    }
  }
  throw new Error('never done');
};

interface Views {
  readonly words: string[];
  readonly counts: Record<string, number>;
}

const recount = (ends: readonly End[]): Views => {
  const listed = ends.filter(({ product }) => product.deletedAt === undefined && product.erasedAt === undefined);
  const counts: Record<string, number> = {};
  for (const { product } of listed) counts[product.category] = (counts[product.category] ?? 0) + 1;
  const words = listed.flatMap(({ product, points }) => {
    const { name, more } = wordsOf(product);
    const about = `${popularityStep(points)} ${product.productId} ${name}|${more}`;
    const of = (text: string, place: string) => text.split(' ').map((word) => `${word} ${place} ${about}`);
    return [...of(name, 'name'), ...(more === '' ? [] : of(more, 'more'))];
  });
  return { words: words.toSorted(), counts };
};

const VOCABULARY = ['green', 'tea', 'pot', 'pots', 'two'];

const tableOf = async (db: Db): Promise<Views> => {
  const ctx = testContext();
  const read = async (partitions: readonly string[]) =>
    (await Promise.all([...new Set(partitions)].map((pk) => db.query(ctx, products, { pk })))).flatMap(({ items }) => items);
  const words = (await read(VOCABULARY.map(wordPartition))).map((row) => {
    const { word, inName, step: at, productId } = wordParts(row.sk);
    return `${word} ${inName ? 'name' : 'more'} ${at} ${productId} ${row['name'] as string}|${row['more'] as string}`;
  });
  const counts: Record<string, number> = {};
  for (const { sk, count } of await read(countShards)) if (count !== 0) counts[sk] = (counts[sk] ?? 0) + Number(count);
  return { words: words.toSorted(), counts };
};
