import { firstIdAt, idTime, newId } from '@plaza/core';
import {
  orderRefunded,
  priceChanged,
  productSaved,
  productUnsaved,
  purchaseShared,
  purchaseUnshared,
  stockDepleted,
  stockRestocked,
  userErasureRequested,
} from '@plaza/events';
import { FeedReason, ProductNewsKind } from '@plaza/proto/plaza/feed/v1/feed_service';
import { ProductCardState } from '@plaza/proto/plaza/feed/v1/post';
import { afterAll, expect, test } from 'vitest';
import { testContext } from '@plaza/testing';

import { turnId } from '../src/domain/home/turn-id.ts';
import { createStoryStore } from '../src/store/home/story-store.ts';
import { keys, postsTable } from '../src/store/table.ts';
import { noRedis } from './in-memory.ts';
import { EUR, feedOf, reprice, repriced, save, scene, share } from './story-scene.ts';
import type { Told } from './story-world.ts';

afterAll(() => noRedis.close());

const { PURCHASE, PRODUCT_NEWS } = FeedReason;

test('a purchase shows cards as they are now, and no price; products that are gone are left out', async () => {
  const of = await scene();
  const gone = of.world.product(of.seller);
  await share(of, newId(), { productIds: [of.product, gone] });
  of.world.products.delete(gone);
  const [item] = await of.world.feed(of.viewer);
  expect(item).toMatchObject({
    reason: PURCHASE,
    by: [{ userId: of.maker }],
    productCards: [{ productId: of.product, price: undefined }],
  });
  expect(item!.productCards).toHaveLength(1);
  of.world.away.product = true;
  const [bare] = await of.world.feed(of.viewer);
  expect(bare!.productCards.map(({ state }) => state)).toEqual([ProductCardState.UNSPECIFIED, ProductCardState.UNSPECIFIED]);
});

test('whatever order sharing, taking back and refunds come in, and however often: one end', async () => {
  const orderId = newId();
  for (const [taking, shown] of [
    ['unshared', []],
    ['refunded', ['other']],
    ['refunded before it was shared', ['product', 'other']],
  ] as const)
    for (const order of [
      [0, 1],
      [1, 0],
      [0, 1, 0],
      [1, 0, 1, 0],
    ]) {
      const of = await scene();
      const other = of.world.product(of.seller);
      const lines = [{ productId: of.product, sellerId: of.seller, quantity: 1n }];
      const refund = { orderId, userId: of.maker, refundId: newId(), lines, amount: EUR(3), complete: false, state: 'PAID' };
      const events: Told[] = [
        of.world.told(
          purchaseShared,
          { orderId, userId: of.maker, productIds: [of.product, other], payTime: new Date() },
          { version: 5 },
        ),
        taking === 'unshared'
          ? of.world.told(purchaseUnshared, { orderId, userId: of.maker }, { version: 6 })
          : of.world.told(orderRefunded, refund, { version: taking === 'refunded' ? 7 : 5 }),
      ];
      for (const i of order) await of.world.deliver(events[i]!);
      const cards = (await feedOf(of.world, of.viewer)).flatMap(({ products = [] }) => products);
      expect(cards).toEqual(shown.map((name) => (name === 'product' ? of.product : other)));
    }
});

test('whatever order saves come in, and however often: the last one counts, and brings the news or takes them', async () => {
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [0, 2, 1, 0],
    [1, 0],
    [0, 1],
    [1, 0, 1],
  ]) {
    const of = await scene();
    await reprice(of);
    const { viewer: userId, product: productId } = of;
    const events: Told[] = [
      of.world.told(productSaved, { userId, productId, saveTime: new Date() }, { version: 10 }),
      of.world.told(productUnsaved, { userId, productId }, { version: 11 }),
      of.world.told(productSaved, { userId, productId, saveTime: new Date() }, { version: 12 }),
    ];
    for (const i of order) await of.world.deliver(events[i]!);
    const isSaved = order.includes(2);
    expect(await feedOf(of.world, userId)).toHaveLength(isSaved ? 1 : 0);
    expect(await of.world.rowsOf(userId)).toHaveLength(isSaved ? 1 : 0);
    await of.world.tell(stockDepleted, { turns: [{ productId, stockVersion: 2n }] });
    expect(await feedOf(of.world, userId)).toHaveLength(isSaved ? 2 : 0);
  }
});

test('a save and its end within one millisecond: ids tell which came later', async () => {
  const of = await scene();
  await reprice(of);
  const { viewer: userId, product: productId } = of;
  const saved = of.world.told(productSaved, { userId, productId, saveTime: new Date() }, { version: 10 });
  const unsaved = of.world.told(productUnsaved, { userId, productId }, { version: 10 });
  for (const event of [unsaved, saved]) await of.world.deliver(event);
  expect(await feedOf(of.world, userId)).toEqual([]);
});

test('news reach who follows the seller and who keeps the product in view, and who does both once', async () => {
  const of = await scene();
  const { world, viewer, seller, product } = of;
  const [fan, keeper] = [newId(), newId()];
  await world.follow(viewer, seller);
  await save(of, 1);
  await world.follow(fan, seller);
  await world.tell(productSaved, { userId: keeper, productId: product, saveTime: new Date() });
  const turns = [{ productId: product, stockVersion: 2n }];
  const second = world.product(seller);
  await reprice(of);
  const soon = Date.now() + 1_000;
  await world.tell(stockDepleted, { turns }, { at: soon });
  const restocked = {
    turns: [...turns, { productId: second, stockVersion: 1n }, { productId: newId(), stockVersion: 1n }],
  };
  await world.tell(stockRestocked, restocked, { at: soon + 1 });
  const kinds = async (who: string) => (await feedOf(world, who)).map(({ news, products }) => [news, products![0]]);
  const { PRICE, SOLD_OUT, RESTOCKED } = ProductNewsKind;
  const ofBoth = await kinds(viewer);
  expect(ofBoth).toHaveLength(4);
  expect(ofBoth).toEqual(
    expect.arrayContaining([
      [RESTOCKED, product],
      [RESTOCKED, second],
      [SOLD_OUT, product],
      [PRICE, product],
    ]),
  );
  const ofFan = await kinds(fan);
  expect(ofFan).toHaveLength(3);
  expect(ofFan).toEqual(
    expect.arrayContaining([
      [RESTOCKED, product],
      [RESTOCKED, second],
      [PRICE, product],
    ]),
  );
  expect(await kinds(keeper)).toEqual([
    [RESTOCKED, product],
    [SOLD_OUT, product],
    [PRICE, product],
  ]);
  const byOf = async (who: string) => [...new Set((await feedOf(world, who)).map(({ by }) => by.join()))];
  expect(await byOf(fan)).toEqual([seller]);
  expect(await byOf(keeper)).toEqual(['']);
  const price = (await world.feed(fan)).find(({ news }) => news?.kind === PRICE);
  expect(price).toMatchObject({ reason: PRODUCT_NEWS, news: { oldPrice: EUR(3), newPrice: EUR(2) } });
});

test('a product that turns over and over is told of once an hour', async () => {
  const of = await scene();
  await save(of, 1);
  const noon = Date.now() - 6 * 3_600_000;
  const turns = [{ productId: of.product, stockVersion: 1n }];
  const at = (minutes: number) => ({ id: firstIdAt(noon + minutes * 60_000) });
  const events = [0, 1, 59, 60, 119].map((minutes) => of.world.told(stockRestocked, { turns }, at(minutes)));
  for (const event of [...events, ...events]) await of.world.deliver(event);
  await of.world.deliver(of.world.told(stockDepleted, { turns }, at(30)));
  const times = (await of.world.feed(of.viewer)).map(({ itemTime }) => (itemTime!.getTime() - noon) / 60_000);
  expect(times).toEqual([60, 30, 0]);
});

test('a price that changes over and over is told of once an hour', async () => {
  const of = await scene();
  await of.world.follow(of.viewer, of.seller);
  const noon = Date.now() - 6 * 3_600_000;
  const events = [0, 1, 59, 60, 119].map((minutes) => repriced(of, { id: firstIdAt(noon + minutes * 60_000) }));
  for (const event of [...events, ...events]) await of.world.deliver(event);
  const rows = await of.world.rowsOf(of.viewer);
  expect(rows.map((key) => (idTime(key) - noon) / 60_000)).toEqual([0, 60]);
});

test('news that were written and not brought are brought when they come again, although others were told since', async () => {
  const of = await scene();
  const { world, product: productId, seller: sellerId, viewer } = of;
  await save(of, 1);
  const earlier = Date.now() - 6 * 3_600_000;
  const turns = [{ productId, stockVersion: 1n }];
  const events = [0, 3_600_000].map((ms) => world.told(stockRestocked, { turns }, { id: firstIdAt(earlier + ms) }));
  const stories = createStoryStore({ db: world.db });
  const storyId = turnId(events[0]!.id, productId);
  const news = { kind: 'NEWS', news: 'RESTOCKED', productId, sellerId } as const;
  expect(await stories.mayTell(testContext(), storyId, news)).toBe(true);
  await stories.tell(testContext(), storyId, [{ ...news, sourceId: productId }]);
  await world.deliver(events[1]!);
  expect(await feedOf(world, viewer)).toHaveLength(1);
  await world.deliver(events[0]!);
  expect(await feedOf(world, viewer)).toHaveLength(2);
});

test('told twice is told once', async () => {
  const of = await scene();
  await of.world.follow(of.viewer, of.seller);
  await save(of, 1);
  const events = [
    await reprice(of),
    await of.world.tell(stockRestocked, { turns: [{ productId: of.product, stockVersion: 2n }] }),
    await share(of),
  ];
  const before = await of.world.feed(of.viewer);
  for (const event of events) await of.world.deliver(event);
  expect(await of.world.feed(of.viewer)).toEqual(before);
  expect(before).toHaveLength(3);
});

test('of who is erased no purchase, news or save is left, and none comes back', async () => {
  const of = await scene();
  const { world, maker, product, viewer } = of;
  const orderId = newId();
  const shared = await share(of, orderId);
  const makers = world.product(maker);
  const priced = { productId: makers, sellerId: maker, oldPrice: EUR(3), newPrice: EUR(2), changeTime: new Date() };
  const news = await world.tell(priceChanged, priced);
  const saved = await world.tell(productSaved, { userId: maker, productId: product, saveTime: new Date() });
  const post = await world.publish(of.author);
  await world.repost(maker, post);
  expect(await feedOf(world, viewer)).toHaveLength(3);
  await world.tell(userErasureRequested, { userId: maker, deleteTime: new Date(0) });
  for (const event of [shared, news, saved]) await world.deliver(event);
  expect(await feedOf(world, viewer)).toEqual([]);
  const left = await Promise.all(
    [keys.story(maker, ''), keys.saved(maker, ''), keys.saver(product, ''), keys.purchase(orderId)].map(({ pk }) =>
      world.db.query(testContext(), postsTable, { pk }),
    ),
  );
  expect(left.flatMap(({ items }) => items)).toEqual([]);
});
