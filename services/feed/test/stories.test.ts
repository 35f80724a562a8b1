import { firstIdAt, newId } from '@plaza/core';
import {
  orderRefunded,
  priceChanged,
  productCreated,
  productSaved,
  productUnsaved,
  purchaseShared,
  purchaseUnshared,
  stockDepleted,
  stockRestocked,
  userErasureRequested,
} from '@plaza/events';
import { FeedReason, ProductNewsKind, type FeedItem } from '@plaza/proto/plaza/feed/v1/feed_service';
import { ProductCardState } from '@plaza/proto/plaza/feed/v1/post';
import { afterAll, expect, test } from 'vitest';
import { asUser, testContext } from '@plaza/testing';

import { turnId } from '../src/domain/home/turn-id.ts';
import { createStoryStore } from '../src/store/home/story-store.ts';
import { keys, postsTable } from '../src/store/table.ts';
import { noRedis } from './in-memory.ts';
import { createStoryWorld, type StoryWorld, type Told } from './story-world.ts';

afterAll(() => noRedis.close());

const { FOLLOW, REPOST, PURCHASE, PRODUCT_NEWS } = FeedReason;
const EUR = (units: number) => ({ currencyCode: 'EUR', units: BigInt(units), nanos: 0 });

/** What an item is, in short. */
const short = ({ reason, post, by, productCards, news }: FeedItem) => ({
  reason,
  ...(post && { post: post.postId }),
  by: by.map(({ userId }) => userId),
  ...(productCards.length > 0 && { products: productCards.map(({ productId }) => productId) }),
  ...(news && { news: news.kind }),
});
const feedOf = async (world: StoryWorld, viewer: string, pageSize = 20) => (await world.feed(viewer, pageSize)).map(short);

/** A viewer who reads already, follows the maker, and does not know the author; the seller has a product. */
const scene = async () => {
  const world = createStoryWorld();
  const [viewer, maker, author, seller] = [newId(), newId(), newId(), newId()];
  await world.read(viewer);
  await world.follow(viewer, maker);
  return { world, viewer, maker, author, seller, product: world.product(seller) };
};
type Scene = Awaited<ReturnType<typeof scene>>;

const share = (of: Scene, orderId = newId(), more: { version?: number; productIds?: string[] } = {}) =>
  of.world.tell(
    purchaseShared,
    { orderId, userId: of.maker, productIds: more.productIds ?? [of.product], payTime: new Date() },
    { version: more.version ?? 5 },
  );
const save = (of: Scene, version: number) =>
  of.world.tell(productSaved, { userId: of.viewer, productId: of.product, saveTime: new Date() }, { version });
const unsave = (of: Scene, version: number) =>
  of.world.tell(productUnsaved, { userId: of.viewer, productId: of.product }, { version });
const reprice = (of: Scene) =>
  of.world.tell(priceChanged, {
    productId: of.product,
    sellerId: of.seller,
    oldPrice: EUR(3),
    newPrice: EUR(2),
    changeTime: new Date(),
  });

/** Each kind of item that is not a post: how it comes about, whose doing it is, and how that is undone. */
const KINDS: Record<string, (of: Scene) => Promise<{ source: string; undo?: () => Promise<unknown> }>> = {
  repost: async (of) => {
    const post = await of.world.publish(of.author);
    await of.world.repost(of.maker, post);
    return { source: of.maker, undo: () => of.world.undoRepost(of.maker, post) };
  },
  purchase: async (of) => {
    const orderId = newId();
    await share(of, orderId);
    return {
      source: of.maker,
      undo: () => of.world.tell(purchaseUnshared, { orderId, userId: of.maker }, { version: 6 }),
    };
  },
  'news of a seller': async (of) => {
    await of.world.follow(of.viewer, of.seller);
    const { product: productId, seller: sellerId } = of;
    const listed = { productId, sellerId, category: 'tea', price: EUR(3), createTime: new Date(), initialStock: 1n };
    await of.world.tell(productCreated, listed);
    return { source: of.seller };
  },
  'news of a product': async (of) => {
    await save(of, 1);
    await of.world.tell(stockDepleted, { turns: [{ productId: of.product, stockVersion: 2n }] });
    return { source: of.seller, undo: () => unsave(of, 2) };
  },
};

/** After it, nothing of the kind is shown; `back` says that it is shown again when it is undone. */
const HIDERS: [string, string[], (of: Scene, source: string) => unknown, ((of: Scene, source: string) => unknown)?][] = [
  [
    'hidden',
    Object.keys(KINDS),
    (of, source) => of.world.hidden.add(`${of.viewer} ${source}`),
    (of, source) => of.world.hidden.delete(`${of.viewer} ${source}`),
  ],
  [
    'muted',
    ['repost', 'purchase', 'news of a seller'],
    (of, source) => of.world.muted.add(`${of.viewer} ${source}`),
    (of, source) => of.world.muted.delete(`${of.viewer} ${source}`),
  ],
  [
    'muted in what they pass on',
    ['repost'],
    (of, source) => of.world.repostsMuted.add(`${of.viewer} ${source}`),
    (of, source) => of.world.repostsMuted.delete(`${of.viewer} ${source}`),
  ],
  [
    'unfollowed',
    ['repost', 'purchase', 'news of a seller'],
    (of, source) => of.world.unfollow(of.viewer, source),
    (of, source) => of.world.follow(of.viewer, source),
  ],
  [
    'unfollowed, before that is known',
    ['repost', 'purchase', 'news of a seller'],
    (of, source) => of.world.following.delete(`${of.viewer} ${source}`),
    (of, source) => of.world.following.add(`${of.viewer} ${source}`),
  ],
  [
    'of an author hidden',
    ['repost'],
    (of) => of.world.hidden.add(`${of.viewer} ${of.author}`),
    (of) => of.world.hidden.delete(`${of.viewer} ${of.author}`),
  ],
  [
    'of an author muted',
    ['repost'],
    (of) => of.world.muted.add(`${of.viewer} ${of.author}`),
    (of) => of.world.muted.delete(`${of.viewer} ${of.author}`),
  ],
  [
    'of a product that is gone',
    ['purchase', 'news of a seller', 'news of a product'],
    (of) => of.world.products.delete(of.product),
  ],
];

test.each(HIDERS.flatMap(([how, kinds, hide, show]) => kinds.map((kind) => ({ kind, how, hide, show }))))(
  '$kind, $how: not shown, from rows or without them',
  async ({ kind, hide, show }) => {
    const of = await scene();
    const { source } = await KINDS[kind]!(of);
    const before = await feedOf(of.world, of.viewer);
    expect(before).toHaveLength(1);
    await hide(of, source);
    expect(await feedOf(of.world, of.viewer)).toEqual([]);
    if (!show) return;
    await show(of, source);
    expect(await feedOf(of.world, of.viewer)).toEqual(before);
  },
);

test.each(Object.keys(KINDS))(
  '%s: shown to a feed that was read before and to one that was not; undone, to neither',
  async (kind) => {
    const of = await scene();
    const { undo } = await KINDS[kind]!(of);
    const late = newId();
    await of.world.follow(late, of.maker);
    await of.world.follow(late, of.seller);
    await of.world.tell(productSaved, { userId: late, productId: of.product, saveTime: new Date() });
    const [one] = await feedOf(of.world, of.viewer);
    expect(one).toBeDefined();
    expect(await feedOf(of.world, late)).toEqual([one]);
    expect(await feedOf(of.world, late)).toEqual([one]);
    if (!undo) return;
    await undo();
    expect(await feedOf(of.world, of.viewer)).toEqual([]);
    expect(await of.world.rowsOf(of.viewer)).toEqual([]);
  },
);

test.each(Object.keys(KINDS))('%s: without the graph nothing is shown', async (kind) => {
  const of = await scene();
  await KINDS[kind]!(of);
  of.world.away.graph = true;
  await expect(of.world.feed(of.viewer)).rejects.toMatchObject({ reason: 'VISIBILITY_UNKNOWN' });
});

test('a post that is PRIVATE for a while is not passed on meanwhile, whoever follows then; one deleted never again', async () => {
  const { world, viewer, maker, author } = await scene();
  const post = await world.publish(author);
  await world.repost(maker, post);
  expect(await feedOf(world, viewer)).toEqual([{ reason: REPOST, post, by: [maker] }]);
  for (const visibility of [2, 3] as const) {
    await world.edit(author, post, visibility);
    const late = newId();
    await world.read(late);
    await world.follow(late, maker);
    for (const one of [viewer, late]) expect(await feedOf(world, one)).toEqual([]);
    await world.edit(author, post, 1);
    for (const one of [viewer, late]) expect(await feedOf(world, one)).toEqual([{ reason: REPOST, post, by: [maker] }]);
  }
  await world.deletePost(author, post);
  expect(await feedOf(world, viewer)).toEqual([]);
});

test('a repost whose fan-out finds the post PRIVATE is in the feeds all the same when it is PUBLIC again', async () => {
  const { world, viewer, maker, author } = await scene();
  const post = await world.publish(author);
  await world.service.repost(asUser(maker), { userId: maker, postId: post, requestId: '' });
  await world.edit(author, post, 3);
  expect(await feedOf(world, viewer)).toEqual([]);
  await world.edit(author, post, 1);
  expect(await feedOf(world, viewer)).toEqual([{ reason: REPOST, post, by: [maker] }]);
});

test("nobody's own reposts, purchases and news are in their feed; a repost of one's own post is", async () => {
  const of = await scene();
  const { world, maker, author, viewer } = of;
  const post = await world.publish(author);
  await world.repost(maker, post);
  await share(of);
  await reprice(of);
  expect(await feedOf(world, maker)).toEqual([]);
  expect(await feedOf(world, of.seller)).toEqual([]);
  const own = await world.publish(viewer);
  await world.repost(maker, own);
  expect((await feedOf(world, viewer))[0]).toEqual({ reason: REPOST, post: own, by: [maker] });
});

test('a post that several pass on is one item with their names, the latest first, among pages of any size', async () => {
  const { world, viewer, maker, author } = await scene();
  const others = [newId(), newId()];
  await world.follow(viewer, author);
  const [first, second] = [await world.publish(author), await world.publish(author)];
  await world.repost(maker, first);
  for (const other of others) {
    await world.follow(viewer, other);
    await world.repost(other, first);
  }
  // A stranger's name does not come up.
  await world.repost(newId(), first);
  const wanted = [
    { reason: REPOST, post: first, by: [...others.toReversed(), maker] },
    { reason: FOLLOW, post: second, by: [] },
  ];
  for (const size of [1, 2, 3, 20]) expect(await feedOf(world, viewer, size)).toEqual(wanted);
  world.muted.add(`${viewer} ${others[0]}`);
  expect((await feedOf(world, viewer))[0]!.by).toEqual([others[1], maker]);
  await world.undoRepost(others[1]!, first);
  expect((await feedOf(world, viewer, 1))[0]!.by).toEqual([maker]);
  await world.undoRepost(maker, first);
  expect(await feedOf(world, viewer)).toEqual([second, first].map((post) => ({ reason: FOLLOW, post, by: [] })));
});

test('a purchase shows cards as they are now, and no price that was paid; products that are gone are left out', async () => {
  const of = await scene();
  const gone = of.world.product(of.seller);
  await share(of, newId(), { productIds: [of.product, gone] });
  of.world.products.delete(gone);
  const [item] = await of.world.feed(of.viewer);
  expect(item).toMatchObject({
    reason: PURCHASE,
    by: [{ userId: of.maker }],
    productCards: [{ productId: of.product, price: EUR(3) }],
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
    await reprice(of);
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
