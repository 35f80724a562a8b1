import { mutationOf, newId } from '@plaza/core';
import { createMemoryDb, createOutboxStore, insert, type Faults } from '@plaza/dynamo';
import { productUnsaved } from '@plaza/events';
import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { newProduct } from '../domain/product.ts';
import { createErasureStore } from './erasure-store.ts';
import { productRow } from './product-rows.ts';
import { createProjectionStore } from './projection-store.ts';
import { createSaveErasure } from './save-erasure.ts';
import { createSaveLists } from './save-lists.ts';
import { createSaveStore } from './save-store.ts';
import { keys, products } from './table.ts';

const SAVES = 60;
const DEATH = new Error('the process died here');

test(
  'wherever it breaks off, the next try finishes the rest; the count and the events are exact',
  { timeout: 120_000 },
  async () => {
    for (let survived = 0, whole = false; !whole; survived++) {
      let commands = Number.POSITIVE_INFINITY;
      const { run, rowsOf, person, other, saved, unsaved } = await world(() => {
        if (commands-- <= 0) throw DEATH;
        return undefined;
      });
      commands = survived;
      whole = await run().then(
        () => true,
        (error: unknown) => {
          expect(error).toBe(DEATH);
          return false;
        },
      );
      commands = Number.POSITIVE_INFINITY;
      expect(await run()).toEqual({ listings: 0, saves: SAVES });
      expect(await rowsOf(person)).toBe(0);
      expect(await rowsOf(other)).toBe(3);
      expect((await unsaved()).toSorted()).toEqual(saved.toSorted());
    }
  },
);

test('two deliveries at once, and somebody who unsaves meanwhile, count each save once', async () => {
  const { erase, finish, unsave, person, rowsOf, unsaved } = await world();
  await Promise.all([erase(), erase(), unsave(3), erase()]);
  const { saves } = await finish();
  // The one that was unsaved is counted only if the eraser was first.
  expect([SAVES - 1, SAVES]).toContain(saves);
  expect(await rowsOf(person)).toBe(0);
  expect(await unsaved()).toHaveLength(SAVES);
});

const world = async (faults: Faults = () => undefined) => {
  let live = false;
  const db = createMemoryDb({ faults: (call) => (live ? faults(call) : undefined) });
  const ctx = testContext();
  const parts = { db, relay: { nudge: () => undefined }, now: () => 1_000 };
  const saves = createSaveStore(parts);
  const [person, other] = [newId(), newId()];
  const saved = Array.from({ length: SAVES }, () => newId());
  for (const productId of saved)
    await db.write(ctx, insert(products, productRow(newProduct(productId, { ...DRAFT, sellerId: newId() }, 0))));
  const save = (userId: string, productId: string) => {
    const wish = { userId, productId, saveId: newId(), savedAt: 1 };
    return saves.save(ctx, mutationOf(ctx, newId(), {}), wish, () => Promise.resolve(true));
  };
  for (const productId of saved) await save(person, productId);
  await save(other, saved[0]!);
  live = true;
  const erasures = createErasureStore({ db, cache: noCache, projections: createProjectionStore({ db }), now: parts.now });
  const erase = () => createSaveErasure(parts).eraseSaves(testContext(), person);
  const finish = () => erasures.finish(testContext(), person);
  return {
    person,
    other,
    saved,
    erase,
    finish,
    run: async () => {
      await erase();
      return finish();
    },
    unsave: (index: number) => saves.unsave(ctx, mutationOf(ctx, newId(), {}), { userId: person, productId: saved[index]! }),
    /** In all three kinds of rows. */
    rowsOf: async (userId: string) => {
      const own = await db.query(testContext(), products, { pk: keys.saveOrder(userId, '').pk });
      const lists = createSaveLists({ db });
      const savers = await Promise.all(saved.map((productId) => lists.savers(testContext(), productId, 10, undefined)));
      return own.items.length + savers.flatMap(({ userIds }) => userIds).filter((id) => id === userId).length;
    },
    unsaved: async () => {
      const outbox = createOutboxStore(db, products);
      const rows = (await Promise.all([0, 1, 2, 3].map((shard) => outbox.pending(testContext(), shard, 1_000)))).flat();
      return rows
        .filter(({ subject }) => subject === productUnsaved.subject)
        .map(({ payload }) => productUnsaved.decode(payload).productId);
    },
  };
};

const DRAFT = { name: 'Tea', description: '', category: 'tea', price: { currency: 'EUR', minor: 1 } };

const noCache = {
  get: <T>(_ctx: unknown, _id: string, load: () => Promise<T>) => load(),
  getMany: <T>(_ctx: unknown, ids: readonly string[], load: (missing: string[]) => Promise<T>) => load([...ids]),
  put: () => Promise.resolve(true),
  bury: () => Promise.resolve(true),
};
