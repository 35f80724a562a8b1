import { newId } from '@plaza/core';
import { productCreated, productSaved, purchaseUnshared, stockDepleted } from '@plaza/events';
import { FeedReason } from '@plaza/proto/plaza/feed/v1/feed_service';
import { afterAll, expect, test } from 'vitest';
import { asUser } from '@plaza/testing';

import { noRedis } from './in-memory.ts';
import { EUR, feedOf, reprice, save, scene, share, unsave, type Scene } from './story-scene.ts';

afterAll(() => noRedis.close());

const { FOLLOW, REPOST } = FeedReason;

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

test('a page of all kinds costs one call to each peer and one multi-get; names behind it, one read and one question more', async () => {
  const of = await scene();
  const { world, viewer, maker, author } = of;
  const other = newId();
  await world.follow(viewer, other);
  await world.follow(viewer, author);
  const post = await world.publish(author);
  for (const who of [other, maker]) await world.repost(who, post);
  await share(of);
  const costs = async (pageSize: number) => {
    const before = { ...world.calls };
    const { items } = await world.read(viewer, '', pageSize);
    const cost = Object.entries(world.calls).map(([name, count]) => [name, count - before[name as keyof typeof before]]);
    return { items: items.length, ...(Object.fromEntries(cost) as typeof world.calls) };
  };
  expect(await costs(20)).toEqual({ items: 2, batchGet: 1, graph: 1, users: 1, products: 1 });
  expect(await costs(2)).toEqual({ items: 2, batchGet: 2, graph: 2, users: 1, products: 1 });
});
