import { newId } from '@plaza/core';
import { put } from '@plaza/dynamo';
import { asAdmin, asUser, eventually, startRedis, testContext, type Engine } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createProjectionStore } from '../src/store/projection-store.ts';
import { keys, products as productTable } from '../src/store/table.ts';
import { eur, startWorld, type World } from './world.ts';

/** The projection follows by events, and what was found is cached for five seconds. */
const PATIENCE = { timeoutMs: 25_000 };

let world: World;
let redis: Engine;
beforeAll(async () => {
  redis = await startRedis();
  world = await startWorld(async () => ({ redisUrl: redis.url }));
});
afterAll(async () => {
  await world?.close();
  await redis?.stop();
});

test('a product is found by what its words begin with, in any order, case and spelling, and by nothing else', async () => {
  const mark = newMark();
  const id = await list({ name: `Crème Brûlée ${mark}`, description: 'A dessert for two', category: 'sweet-things' });
  await shows(mark, [id]);
  const finding = async (queries: readonly string[]) => {
    const found: string[] = [];
    for (const query of queries) if ((await find(`${query} ${mark.slice(0, 20)}`)).includes(id)) found.push(query);
    return found;
  };
  const queries = ['creme', 'BRÛL', 'dess cre', 'The créme, for you!', 'sweet', 'THINGS dessert', 'two'];
  expect(await finding(queries)).toEqual(queries);
  expect(await finding(['rulee', 'desserts', 'c', 'salty', 'creme x'])).toEqual([]);
});

test('languages without spaces are found by their words', async () => {
  const mark = newMark();
  const [tea, coffee] = [
    await list({ name: '有機抹茶', description: mark }),
    await list({ name: 'コーヒー豆', description: mark }),
  ];
  await shows(mark, [coffee, tea]);
  expect(await find(`抹茶 ${mark}`)).toEqual([tea]);
  expect(await find(`ｺｰﾋ ${mark}`)).toEqual([coffee]);
  expect(await find(`抹 ${mark}`)).toEqual([]);
});

test('whole words of the name come before beginnings, before the rest; within, the popular and then the new', async () => {
  const mark = newMark();
  const [rest, begins, exact, wanted, newer] = [
    await list({ name: 'Cup', description: mark }),
    await list({ name: `${mark}s` }),
    await list({ name: mark }),
    await list({ name: mark }),
    await list({ name: mark }),
  ];
  await shows(mark, [newer, wanted, exact, begins, rest]);
  expect(await find(mark.slice(0, -1))).toEqual([newer, wanted, exact, begins, rest]);
  await world.app.db.write(testContext(), put(productTable, { ...keys.popularity(wanted), points: 50 }));
  await createProjectionStore({ db: world.app.db }).project(testContext(), wanted);
  await shows(mark, [wanted, newer, exact, begins, rest]);
});

test('pages of any size show all once, and go on doing so while prices change and others come and go', async () => {
  const mark = newMark();
  const ids = await Promise.all(Array.from({ length: 12 }, (_, i) => list({ name: `${mark} ${i}` })));
  const all = ids.toSorted().toReversed();
  await shows(mark, all);
  for (const pageSize of [1, 5, 12]) expect(await find(mark, pageSize)).toEqual(all);

  const first = await search(mark, { pageSize: 4 });
  const [shown, waiting] = [all.slice(0, 4), all.slice(4)];
  expect(first.products.map(idOf)).toEqual(shown);
  for (const productId of [shown[0]!, waiting[0]!]) await update(productId, 'price', { price: eur(1) });
  await remove(waiting.pop()!);
  const late = await list({ name: mark });
  const rest = await find(mark, 4, first.nextPageToken);
  expect(rest.filter((id) => id !== late)).toEqual(waiting);
  await eventually(async () => expect(await find(mark)).toHaveLength(12), PATIENCE);
});

test('what is deleted, renamed or of a gone seller is not found, at once; what is back is found again', async () => {
  const mark = newMark();
  const seller = newId();
  world.people.add(seller);
  const [kept, deleted, renamed, theirs] = [
    await list({ name: mark }),
    await list({ name: mark }),
    await list({ name: mark }),
    await list({ name: mark, sellerId: seller }),
  ];
  await shows(mark, [theirs, renamed, deleted, kept]);
  await remove(deleted);
  await update(renamed, 'name', { name: 'Something else' });
  world.people.delete(seller);
  expect(await find(mark)).toEqual([kept]);
  await world.products.undeleteProduct(asAdmin(), { productId: deleted });
  await update(renamed, 'name', { name: `${mark} again` });
  world.people.add(seller);
  await shows(mark, [theirs, renamed, deleted, kept]);
});

test('an index that is late shows nothing by words that a product has lost', async () => {
  const mark = newMark();
  const id = await list({ name: mark });
  await shows(mark, [id]);
  const stray = keys.word({ word: `stray${mark}`.slice(0, 32), inName: true, step: 0, productId: id });
  await world.app.db.write(testContext(), put(productTable, { ...stray, name: `stray${mark}`, more: '' }));
  expect(await find(`stray${mark}`)).toEqual([]);
});

test('a name of stop words alone is found; a query without any word, and a page token of another search, are refused', async () => {
  const mark = newMark();
  const [older, newer] = [await list({ name: mark }), await list({ name: mark })];
  await shows(mark, [newer, older]);
  const named = await list({ name: 'The It', description: mark });
  await shows('the it', [named]);
  await expect(search('!? 🫖')).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'QUERY_EMPTY',
    details: { violations: [{ field: 'query' }] },
  });
  await expect(search('')).rejects.toMatchObject({ reason: 'INVALID_FIELD' });
  const { nextPageToken: pageToken } = await search(mark, { pageSize: 1 });
  expect(pageToken).not.toBe('');
  const invalid = { code: 'INVALID_ARGUMENT', reason: 'PAGE_TOKEN_INVALID' };
  await expect(search(`${mark} tea`, { pageToken })).rejects.toMatchObject(invalid);
  await expect(search(mark, { pageToken: pageToken.slice(0, -1) })).rejects.toMatchObject(invalid);
  await expect(world.products.searchProducts(asUser(newId()), { query: mark, pageToken })).rejects.toMatchObject(invalid);
  // The same words, spelled otherwise, are the same search.
  expect((await search(`the ${mark.toUpperCase()}`, { pageSize: 1, pageToken })).products).toHaveLength(1);
});

test('without Redis everything is found, and what changed is too', async () => {
  const mark = newMark();
  const [kept, deleted] = [await list({ name: mark }), await list({ name: mark })];
  await shows(mark, [deleted, kept]);
  await redis.kill();
  await remove(deleted);
  expect(await find(mark)).toEqual([kept]);
  const late = await list({ name: mark });
  await shows(mark, [late, kept]);
  await redis.start();
  await shows(mark, [late, kept]);
});

/** A word that no other product has. */
const newMark = () => `q${newId().toLowerCase()}`;

const list = (fields: object) => world.list({ category: 'tea', description: '', ...fields });

const update = (productId: string, path: string, changes: object) =>
  world.products.updateProduct(asAdmin(), { productId, changes, updateMask: [path] });

const remove = (productId: string) => world.products.deleteProduct(asAdmin(), { productId });

const search = (query: string, fields: object = {}) => world.products.searchProducts(testContext(), { query, ...fields });

const find = async (query: string, pageSize = 0, pageToken = ''): Promise<string[]> => {
  const ids: string[] = [];
  for (let token = pageToken, more = true; more; more = token !== '') {
    const page = await search(query, { pageSize, pageToken: token });
    ids.push(...page.products.map(idOf));
    token = page.nextPageToken;
  }
  return ids;
};

/** Asks only when the projection has followed, because what is found too early is remembered. */
const shows = async (query: string, ids: readonly string[]): Promise<void> => {
  for (const id of ids)
    await eventually(async () => {
      const rows = await world.app.db.batchGet(testContext(), productTable, [keys.product(id), keys.projection(id)]);
      expect(rows[1]?.['source']).toBe(rows[0]?.['version']);
    }, PATIENCE);
  await eventually(async () => expect(await find(query)).toEqual(ids), PATIENCE);
};

const idOf = ({ productId }: { productId: string }) => productId;
