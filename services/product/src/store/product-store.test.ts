import { mutationOf, newId } from '@plaza/core';
import { createMemoryDb, type Fault } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { priceInvalid } from '../domain/errors.ts';
import { newProduct } from '../domain/product.ts';
import { createProductStore, type Wish } from './product-store.ts';

test('trouble with one item of an import fails the call; its repetition answers what was done and does the rest', async () => {
  // The transaction for all three is lost, the first item is written, the second is lost: each time as often as it is tried.
  const plan: (Fault | undefined)[] = [LOST, LOST, LOST, undefined, LOST, LOST, LOST];
  const db = createMemoryDb({ faults: ({ verb }) => (verb === 'transact' ? plan.shift() : undefined) });
  const store = createProductStore({ db, cache: noCache, relay: { nudge: () => undefined } });
  const ids = [newId(), newId(), newId()];
  const wishes = () => [wish(ids[0]!, 'first'), wish(ids[1]!, 'second'), { ...wish(ids[2]!, 'third'), draft: refused }];
  const first = wishes();
  await expect(store.createMany(testContext(), first)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    reason: 'STORE_UNAVAILABLE',
  });
  expect(plan).toEqual([]);
  const before = (await first[0]!.draft()).product.productId;
  expect(await store.createMany(testContext(), wishes())).toMatchObject([
    { product: { productId: before, name: 'first' } },
    { product: { name: 'second' } },
    { reason: 'PRICE_INVALID' },
  ]);
});

const LOST = 'unreachable';

/** One request, that drafts another product each time it is sent. */
const wish = (requestId: string, name: string): Wish => {
  const productId = newId();
  const draft = { sellerId: 'seller', name, description: '', category: 'tea', price: { currency: 'EUR', minor: 499 } };
  return {
    mutation: mutationOf(testContext(), requestId, { name }),
    draft: () => ({ product: newProduct(productId, draft, 0), available: 1 }),
  };
};

const refused = () => {
  throw priceInvalid('price', 'must be above zero');
};

const noCache = {
  get: <T>(_ctx: unknown, _id: string, load: () => Promise<T>) => load(),
  getMany: <T>(_ctx: unknown, ids: readonly string[], load: (missing: string[]) => Promise<T>) => load([...ids]),
  put: () => Promise.resolve(true),
  bury: () => Promise.resolve(true),
};
