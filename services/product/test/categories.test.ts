import { eventAdminClient } from '@plaza/clients';
import { newId, noMetrics, silentLog } from '@plaza/core';
import { asAdmin, asUser, eventually, testContext, testKeys } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startWorld, type World } from './world.ts';

/** The projection follows by events, and pages are cached for five seconds. */
const PATIENCE = { timeoutMs: 25_000 };

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

test('categories are counted through every change of their products, and once, however often it is told', async () => {
  const [a, b] = [slug('a'), slug('b')];
  const ids = await Promise.all([a, a, a, b].map((category) => world.list({ category })));
  await counted({ [a]: 3n, [b]: 1n });
  await world.products.updateProduct(asAdmin(), { productId: ids[0]!, changes: { category: b }, updateMask: ['category'] });
  await counted({ [a]: 2n, [b]: 2n });
  await world.products.deleteProduct(asAdmin(), { productId: ids[1]! });
  await world.products.deleteProduct(asAdmin(), { productId: ids[2]! });
  await counted({ [b]: 2n }, [a, b]);
  await world.products.undeleteProduct(asAdmin(), { productId: ids[1]! });
  await counted({ [a]: 1n, [b]: 2n });
  await world.products.updateProduct(asAdmin(), { productId: ids[1]!, changes: { name: 'Other' }, updateMask: ['name'] });

  const admin = eventAdminClient({
    address: `127.0.0.1:${world.app.port}`,
    token: testKeys().tokenOf,
    log: silentLog,
    metrics: noMetrics,
  });
  const { replayed } = await admin.replayEvents(asAdmin(60_000), { fromTime: new Date(0) });
  admin.close();
  expect(replayed).toBeGreaterThanOrEqual(9n);
  const last = slug('c');
  await world.list({ category: last });
  // What was told again has been heard before this, or does no harm.
  await counted({ [a]: 1n, [b]: 2n, [last]: 1n });
});

test('pages of any size show every category once, in the order of their names', async () => {
  const slugs = Array.from({ length: 9 }, (_, i) => slug(`p${i}`));
  await Promise.all(slugs.map((category) => world.list({ category })));
  await counted(Object.fromEntries(slugs.map((one) => [one, 1n])));
  const all = (await walk(100)).map(({ category }) => category);
  expect(all).toEqual(all.toSorted());
  for (const pageSize of [1, 2, 5])
    expect((await walk(pageSize)).map(({ category }) => category).filter((one) => slugs.includes(one))).toEqual(slugs);
});

test('a page token is good for its caller only', async () => {
  await world.list({ category: slug('t') });
  await world.list({ category: slug('u') });
  await eventually(async () => expect((await walk(100)).length).toBeGreaterThan(1), PATIENCE);
  const { nextPageToken: pageToken } = await world.products.listCategories(testContext(), { pageSize: 1 });
  await expect(world.products.listCategories(asUser(newId()), { pageToken })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'PAGE_TOKEN_INVALID',
  });
});

const RUN = newId().toLowerCase();
const slug = (name: string) => `${name}-${RUN}`;

/** What is counted of the categories whose names are given; of those that are not expected nothing may be left. */
const counted = (expected: Readonly<Record<string, bigint>>, named: readonly string[] = Object.keys(expected)) =>
  eventually(async () => {
    const seen = (await walk(100)).filter(({ category }) => named.includes(category));
    expect(Object.fromEntries(seen.map(({ category, productCount }) => [category, productCount]))).toEqual(expected);
  }, PATIENCE);

const walk = async (pageSize: number) => {
  const seen: { category: string; productCount: bigint }[] = [];
  for (let pageToken = '', more = true; more; more = pageToken !== '') {
    const page = await world.products.listCategories(testContext(), { pageSize, pageToken });
    seen.push(...page.categories);
    pageToken = page.nextPageToken;
  }
  return seen;
};
