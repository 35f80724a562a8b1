import type { EntityCache } from '@plaza/cache';
import { newId } from '@plaza/core';
import { createMemoryDb } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { newProduct } from '../domain/product.ts';
import { projectionOf, type Projection } from '../domain/projection.ts';
import { compareMatches, scoreOf, type Place, type Window } from '../domain/search.ts';
import { projectionOps } from './projection-rows.ts';
import { createSearchStore } from './search-store.ts';

const RUNS = 300;
const WINDOW = 12;
/** Between the pages: too few to push the end of a window, which takes as many new rows as it has. */
const MAX_CHANGES = 4;

const words = fc.constantFrom('tea', 'teapot', 'teacup', 'green', 'grey', 't', 'pot', '茶');
const text = fc.array(words, { minLength: 1, maxLength: 3 }).map((some) => some.join(' '));
const draft = fc.record({ name: text, description: text, points: fc.constantFrom(0, 0, 3, 900) });
const query = fc.uniqueArray(fc.constantFrom('tea', 'te', 'teap', 'gr', 'green', 't', 'pot', '茶', 'none'), {
  minLength: 1,
  maxLength: 3,
});
const change = fc.record({ kind: fc.constantFrom('add', 'remove', 'want'), draft, which: fc.nat() });

type Draft = { name: string; description: string; points: number };

test('leafing through finds every product that stays as it is once, and none that has not all words, whatever else changes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(draft, { maxLength: 60, size: 'max' }),
      query,
      fc.integer({ min: 1, max: 9 }),
      fc.array(change, { maxLength: MAX_CHANGES, size: 'max' }),
      async (drafts, asked, pageSize, changes) => {
        const { store, project, projected } = world();
        for (const one of drafts) await project(newId(), one);
        const steady = new Map(projected);
        const seen: string[] = [];
        for await (const page of walk(store, asked, pageSize)) {
          seen.push(...page);
          const next = changes.pop();
          if (next === undefined) continue;
          const productId = next.kind === 'add' ? newId() : [...projected.keys()][next.which % projected.size];
          if (productId === undefined) continue;
          const before = projected.get(productId);
          steady.delete(productId);
          await project(
            productId,
            next.kind === 'want' && before ? { ...before.draft, points: before.draft.points * 2 + 1 } : next.draft,
            next.kind === 'remove',
          );
        }
        const found = [...steady].filter(([, { projection }]) => scoreOf(projection, asked) !== undefined).map(([id]) => id);
        expect(seen.filter((id) => steady.has(id)).toSorted()).toEqual(found.toSorted());
      },
    ),
    { numRuns: RUNS },
  );
});

test('what fits into one window comes in the order of match, popularity and age', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(draft, { maxLength: 12 }),
      query,
      fc.integer({ min: 1, max: 9 }),
      async (drafts, asked, pageSize) => {
        const { store, project, projected } = world(1_000);
        for (const one of drafts) await project(newId(), one);
        const seen: string[] = [];
        for await (const page of walk(store, asked, pageSize)) seen.push(...page);
        const matches = [...projected].flatMap(([productId, { projection }]) => {
          const score = scoreOf(projection, asked);
          return score === undefined ? [] : [{ productId, score, step: projection.step }];
        });
        expect(seen).toEqual(matches.toSorted(compareMatches).map(({ productId }) => productId));
      },
    ),
    { numRuns: RUNS },
  );
});

test('one call reads few rows, however many products have all words', async () => {
  const { store, project, reads } = world();
  for (let i = 0; i < 200; i++) await project(newId(), { name: 'green tea', description: 'pot', points: i });
  const read = store.reader(['green', 'tea', 'pot']);
  await read(testContext(), undefined, 20);
  // Three probes of 5, and the rest of the window; each asks for one row more, which tells whether there are any.
  expect(reads.rows).toBe(3 * 6 + WINDOW - 5 + 1);
});

async function* walk(store: ReturnType<typeof createSearchStore>, asked: readonly string[], pageSize: number) {
  let place: Place | undefined;
  for (let pages = 0; pages < 500; pages++) {
    // A call of its own: nothing but the place is kept.
    const { candidates, end } = await store.reader(asked)(testContext(), place, pageSize);
    yield candidates.flatMap(({ productId }) => productId ?? []);
    if (end) return;
    // As in a page token.
    place = JSON.parse(JSON.stringify(candidates.at(-1)!.place)) as Place;
  }
  throw new Error('the results do not end');
}

const world = (window = WINDOW) => {
  const memory = createMemoryDb();
  const reads = { rows: 0 };
  const db: typeof memory = {
    ...memory,
    query: async (ctx, table, wish) => {
      const page = await memory.query(ctx, table, wish);
      reads.rows += page.items.length;
      return page;
    },
  };
  const projected = new Map<string, { projection: Projection; draft: Draft }>();
  const project = async (productId: string, wish: Draft, remove = false): Promise<void> => {
    const before = projected.get(productId)?.projection;
    const { name, description, points } = wish;
    const rest = { sellerId: 's', category: 'x', price: { currency: 'EUR', minor: 1 } };
    const product = { ...newProduct(productId, { name, description, ...rest }, 0), version: (before?.source ?? 0) + 1 };
    const projection = projectionOf(remove ? { ...product, deletedAt: 1 } : product, points, before)!;
    await db.transact(testContext(), projectionOps(before, projection));
    projected.set(productId, { projection, draft: wish });
  };
  return { store: createSearchStore({ db, windows: noCache, window, probe: 5 }), project, projected, reads };
};

const noCache: EntityCache<Window> = {
  get: (_ctx, _id, load) => load(),
  getMany: (_ctx, ids, load) => load([...ids]),
  put: () => Promise.resolve(true),
  bury: () => Promise.resolve(true),
};
