import { newId } from '@plaza/core';
import { ProductOrder, type ListProductsRequest } from '@plaza/proto/plaza/product/v1/product_service';
import { asAdmin, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { refusalOf } from './refusal.ts';
import { asOrder, eur, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

const { NEWEST, PRICE } = ProductOrder;

test('a seller is listed by price and newest first, over all categories or in one', async () => {
  const { sellerId, tea, coffee } = await shop([30, 10, 20], [25, 15]);
  const all = [...tea, ...coffee];
  await eventually(async () => expect(await walk({ sellerId })).toHaveLength(5));
  expect(await prices({ sellerId, order: PRICE })).toEqual([10, 15, 20, 25, 30]);
  expect(await walk({ sellerId, order: NEWEST })).toEqual(all.toSorted().toReversed());
  expect(await prices({ sellerId, category: tea.category })).toEqual([10, 20, 30]);
  expect(await walk({ sellerId, category: coffee.category, order: NEWEST })).toEqual(coffee.toSorted().toReversed());
  expect(await prices({ sellerId, minPrice: eur(15), maxPrice: eur(30) })).toEqual([15, 20, 25]);
});

test('a category is listed newest first, within a price range too', async () => {
  const { tea } = await shop([30, 10, 20, 40], []);
  const newest = { category: tea.category, order: NEWEST };
  await eventually(async () => expect(await walk(newest)).toEqual(tea.toSorted().toReversed()));
  expect(await prices({ ...newest, minPrice: eur(20), maxPrice: eur(40) })).toEqual([20, 30]);
});

test('of a list of what is in stock, sold out products are left out, and come back with their stock', async () => {
  const { sellerId, tea } = await shop([1, 2, 3, 4, 5, 6], []);
  const [first, second] = [tea[0]!, tea[1]!];
  const stocked = { category: tea.category, inStock: true };
  await eventually(async () => expect(await walk(stocked)).toHaveLength(6));
  await world.inventory.adjustStock(asUser(sellerId), { productId: first, delta: -10n, reason: 'broken' });
  await world.inventory.reserveStock(asOrder(), { orderId: newId(), lines: [{ productId: second, quantity: 10n }] });
  const rest = tea.filter((id) => id !== first && id !== second);
  // An order does not touch what is displayed, which is at most five seconds old.
  await eventually(async () => expect((await walk(stocked)).toSorted()).toEqual(rest.toSorted()), { timeoutMs: 8000 });
  expect(await walk({ ...stocked, pageSize: 1 })).toEqual(await walk({ ...stocked, pageSize: 100 }));
  await world.inventory.adjustStock(asUser(sellerId), { productId: first, delta: 1n, reason: 'found' });
  expect(await walk(stocked)).toContain(first);
});

test('deleted products are listed for their seller and admins alone', async () => {
  const { sellerId, tea } = await shop([1, 2, 3], []);
  await world.products.deleteProduct(asUser(sellerId), { productId: tea[1]! });
  const mine = { sellerId, order: NEWEST, showDeleted: true };
  for (const ctx of [asUser(sellerId), asAdmin()]) {
    const { products } = await world.products.listProducts(ctx, mine);
    expect(products.map(({ productId }) => productId)).toEqual(tea.toSorted().toReversed());
    expect(products.map(({ deleteTime }) => deleteTime !== undefined)).toEqual([false, true, false]);
  }
  for (const ctx of [testContext(), asUser(newId())])
    expect(await refusalOf(world.products.listProducts(ctx, mine))).toMatchObject({ reason: 'INVALID_FIELD' });
  expect(await walk({ sellerId, order: NEWEST })).toHaveLength(2);
});

test('a list of nothing in particular is refused', async () => {
  expect(await refusalOf(world.products.listProducts(testContext(), {}))).toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_FIELD',
    details: { violations: [{ field: 'category' }] },
  });
  const unknown = world.products.listProducts(testContext(), { category: 'tea', order: 9 as never });
  expect(await refusalOf(unknown)).toMatchObject({ details: { violations: [{ field: 'order' }] } });
});

// Half of the products change their price or are deleted and come back while others turn the pages.
test('whatever moves meanwhile, the pages show every product that stays as it is once', { timeout: 120_000 }, async () => {
  const { sellerId, tea } = await shop(
    Array.from({ length: 24 }, (_, i) => 100 + i * 7),
    [],
  );
  const [moving, staying] = [tea.filter((_, i) => i % 2 === 0), tea.filter((_, i) => i % 2 === 1)];
  await eventually(async () => expect(await walk({ category: tea.category, pageSize: 100 })).toHaveLength(24));
  let over = false;
  // Four at a time: more, and the walk mostly waits for the table.
  const churn = moving.slice(0, 4).map(async (productId, i) => {
    const seller = () => asUser(sellerId, 60_000);
    for (let round = 0; !over; round++) {
      const price = eur(90 + ((i * 53 + round * 97) % 300));
      await world.products.updateProduct(seller(), { productId, changes: { price }, updateMask: ['price'] });
      if (round % 3 === 0) {
        await world.products.deleteProduct(seller(), { productId });
        await world.products.undeleteProduct(seller(), { productId });
      }
    }
  });
  try {
    for (const order of [PRICE, NEWEST])
      for (const filter of [{ category: tea.category }, { sellerId }])
        for (const pageSize of [1, 5]) {
          const seen = (await walk({ ...filter, order, pageSize })).filter((id) => staying.includes(id));
          expect(seen).toHaveLength(staying.length);
          expect(seen).toEqual(order === PRICE ? staying : staying.toSorted().toReversed());
        }
  } finally {
    over = true;
    await Promise.all(churn);
  }
});

type Filter = Partial<ListProductsRequest>;

/** All ids of a list, page by page. */
const walk = async (filter: Filter): Promise<string[]> => (await listings(filter)).map(({ productId }) => productId);

const prices = async (filter: Filter): Promise<number[]> =>
  (await listings(filter)).map(({ price }) => Number(price!.units) * 100 + price!.nanos / 10_000_000);

const listings = async (filter: Filter) => {
  const seen = [];
  let pageToken = '';
  do {
    const page = await world.products.listProducts(testContext({ timeoutMs: 60_000 }), { pageSize: 2, ...filter, pageToken });
    seen.push(...page.products);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return seen;
};

/** A seller with products of these prices in two categories of their own, each a list of ids in the order of the prices given. */
const shop = async (tea: readonly number[], coffee: readonly number[]) => {
  const sellerId = newId();
  world.people.add(sellerId);
  const listed = async (name: string, minors: readonly number[]) => {
    const category = `${name}-${newId().toLowerCase()}`;
    const ids: string[] = [];
    for (const minor of minors) ids.push(await world.list({ sellerId, category, price: eur(minor) }));
    return Object.assign(ids, { category });
  };
  return { sellerId, tea: await listed('tea', tea), coffee: await listed('coffee', coffee) };
};
