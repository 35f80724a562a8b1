import process from 'node:process';

import { createPresence } from '@plaza/clients';
import { isAppError, newId } from '@plaza/core';
import { createMemoryDb, insert, type Db, type Fault } from '@plaza/dynamo';
import { User } from '@plaza/proto/plaza/user/v1/user_service';
import { asAdmin, testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { newProduct, productToChange, restoredProduct, type Product } from '../src/domain/product.ts';
import { newStock } from '../src/domain/stock.ts';
import { saveProduct } from '../src/handlers/save-product.ts';
import { unsaveProduct } from '../src/handlers/unsave-product.ts';
import { createProductChanges } from '../src/store/product-changes.ts';
import { productRow } from '../src/store/product-rows.ts';
import { createProductStore } from '../src/store/product-store.ts';
import { createSaveLists } from '../src/store/save-lists.ts';
import { createSaveStore } from '../src/store/save-store.ts';
import { contentOf, keys, products as productTable } from '../src/store/table.ts';
import { createStorefront } from '../src/storefront.ts';
import { explain, type SaveAnswer, type SaveStep, type SavesWorld, type SeenCall } from './saves-model.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 900);
const PRODUCT = newId();
const USERS = [newId(), newId()];
/** More than there are faults. */
const MAX_TRIES = 60;

const call = fc.record({
  kind: fc.constantFrom('save' as const, 'save' as const, 'unsave' as const, 'delete' as const, 'undelete' as const),
  userId: fc.constantFrom(...USERS),
  /** Sent once more by somebody else, at some time. */
  again: fc.boolean(),
  caller: fc.nat({ max: 3 }),
});
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;

const fault = fc.option(fc.constantFrom<Fault>('conflict', 'throttle', 'lost-reply', 'unreachable'), { nil: undefined, freq: 3 });

test(
  'whatever saves, unsaves, deletions and returns race, repeat, fail or are lost: answers and rows are those of one order',
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 7 }),
        fc.array(fault, { maxLength: 40 }),
        fc.scheduler(),
        async (calls, faults, scheduler) => {
          let live = false;
          const db = createMemoryDb({
            faults: async ({ verb }) => {
              if (!live) return undefined;
              await scheduler.schedule(Promise.resolve(), verb);
              return faults.shift();
            },
          });
          const product = newProduct(PRODUCT, DRAFT, 0);
          await db.transact(testContext(), [
            insert(productTable, productRow(product)),
            insert(productTable, { ...keys.stock(PRODUCT), ...newStock(PRODUCT, 1) }),
          ]);
          live = true;
          const history = await scheduler.waitFor(playAll(db, calls));
          live = false;
          // A refusal does nothing, and is right if the product was gone at any moment of the call. It stands apart, because the same
          // request, sent twice at once, may be refused the one time and done the other: see the store.
          const refused = history.filter(({ step, answer }) => step.kind === 'save' && answer === 'PRODUCT_NOT_FOUND');
          const deletions = history.filter(({ step, answer }) => step.kind === 'delete' && answer === undefined);
          expect(refused.filter(({ end }) => !deletions.some(({ begin }) => begin < end))).toEqual([]);
          const done = history.filter((seen) => !refused.includes(seen));
          const ends = explain(done, START).map(({ deleted, saved, events }) => ({ deleted, saved, events }));
          expect(ends).toContainEqual(await tableOf(db));
        },
      ),
      { numRuns: RUNS },
    );
  },
);

/** Callers race; each makes its calls one after another. */
const playAll = async (db: Db, calls: readonly Call[]): Promise<SeenCall[]> => {
  const answer = service(db);
  let clock = 0;
  const steps = calls.map(({ kind, userId, ...made }, i): Call & { step: SaveStep } => {
    const about = { at: i + 1, requestId: `request-${i}` };
    return {
      ...made,
      kind,
      userId,
      step: kind === 'save' || kind === 'unsave' ? { kind, userId, ...about } : { kind, ...about },
    };
  });
  const queues = [0, 1, 2, 3].map((caller) => [
    ...steps.filter((made) => made.caller === caller),
    ...steps.filter((made) => made.again && (made.caller + 1) % 4 === caller),
  ]);
  const histories = queues.map(async (queue) => {
    const seen: SeenCall[] = [];
    for (const { step } of queue) {
      const begin = clock++;
      const given = await answer(step);
      seen.push({ step, begin, end: clock++, answer: given });
    }
    return seen;
  });
  return (await Promise.all(histories)).flat();
};

/** The service as its callers meet it: who hears that the outcome is unknown, or that a race was lost, sends the same again. */
const service = (db: Db) => {
  const relay = { nudge: () => undefined };
  const products = createProductStore({ db, cache: noCache, relay });
  const presence = createPresence({
    users: {
      batchGetUsers: async (_ctx, { userIds = [] }) => ({
        users: userIds.map((userId) => User.fromPartial({ userId })),
        missingIds: [],
      }),
    },
  });
  const storefront = createStorefront({ products, stock: { available: async () => new Map() }, presence });
  const send = async (step: SaveStep): Promise<SaveAnswer> => {
    const now = () => step.at;
    const { requestId } = step;
    const ctx = { ...asAdmin(), method: step.kind };
    const saves = createSaveStore({ db, relay, now });
    const changes = createProductChanges({ db, products, relay, now });
    const mutation = { id: requestId, repeatable: true, scope: step.kind, hash: requestId };
    switch (step.kind) {
      case 'save': {
        const wish = { userId: step.userId, productId: PRODUCT, requestId };
        const { saveTime } = await saveProduct({ saves, storefront, now, newId: () => newId() })(ctx, wish);
        return saveTime!.getTime();
      }
      case 'unsave':
        await unsaveProduct({ saves })(ctx, { userId: step.userId, productId: PRODUCT, requestId });
        return undefined;
      case 'delete':
        await changes.remove(ctx, mutation, PRODUCT, (seen) => productToChange(PRODUCT, seen, ctx.caller, ''));
        return undefined;
      case 'undelete':
        await changes.restore(ctx, mutation, PRODUCT, (seen) => restoredProduct(PRODUCT, seen, ctx.caller, step.at));
        return undefined;
    }
  };
  return async (step: SaveStep): Promise<SaveAnswer> => {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      try {
        return await send(step);
      } catch (error) {
        if (!isAppError(error)) throw error;
        if (error.code !== 'UNAVAILABLE' && error.code !== 'ABORTED') return error.reason;
      }
    }
    throw new Error(`never answered: ${JSON.stringify(step)}`);
  };
};

const DRAFT = { sellerId: newId(), name: 'Tea', description: '', category: 'tea', price: { currency: 'EUR', minor: 1 } };

const START: SavesWorld = { deleted: false, saved: {}, events: { ProductSaved: 0, ProductUnsaved: 0 }, answers: {} };

const noCache = {
  get: <T>(_ctx: unknown, _id: string, load: () => Promise<T>) => load(),
  getMany: <T>(_ctx: unknown, ids: readonly string[], load: (missing: string[]) => Promise<T>) => load([...ids]),
  put: () => Promise.resolve(true),
  bury: () => Promise.resolve(true),
};

/** What the table holds, in the words of the model; the three rows of each save must agree. */
const tableOf = async (db: Db): Promise<Omit<SavesWorld, 'answers'>> => {
  const ctx = testContext();
  const lists = createSaveLists({ db });
  const { deletedAt } = contentOf<Product>((await db.get(ctx, productTable, keys.product(PRODUCT)))!);
  const saved: Record<string, number> = {};
  for (const userId of USERS) {
    const row = await db.get(ctx, productTable, keys.save(userId, PRODUCT));
    const { saves } = await lists.saved(ctx, userId, 10, undefined);
    expect(saves.map(({ saveId }) => saveId)).toEqual(row ? [row['saveId']] : []);
    if (row) saved[userId] = Number(row['savedAt']);
  }
  expect((await lists.savers(ctx, PRODUCT, 10, undefined)).userIds).toEqual(Object.keys(saved).toSorted());
  const outbox = await Promise.all([0, 1, 2, 3].map((shard) => db.query(ctx, productTable, { pk: `OX#${shard}` })));
  const told = (name: string) =>
    outbox.flatMap(({ items }) => items).filter(({ subject }) => subject === `plaza.product.v1.${name}`).length;
  return {
    deleted: deletedAt !== undefined,
    saved,
    events: { ProductSaved: told('ProductSaved'), ProductUnsaved: told('ProductUnsaved') },
  };
};
