import { ProductCardState } from '@plaza/proto/plaza/feed/v1/post';
import { newId } from '@plaza/core';
import { asAdmin, asService, asUser, eventually, startRedis, testContext, type Engine } from '@plaza/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { idsOf, refusalOf, startWorld, type World } from './world.ts';

let redis: Engine;
let world: World;
beforeAll(async () => {
  redis = await startRedis();
  world = await startWorld({ config: { redisUrl: redis.url } });
});
afterAll(async () => {
  await world.close();
  await redis.stop();
});

const first = (viewerId: string, pageToken = '', pageSize = 3) =>
  world.feed.listHomeFeed(asUser(viewerId), { viewerId, pageSize, pageToken });

/** Somebody who follows an author with so many posts, all of them delivered. Newest first. */
const follower = async (posts: number) => {
  const [author, viewer] = [world.person('author'), world.person()];
  world.edge(viewer).add(author);
  await world.awake(author, viewer);
  const ids: string[] = [];
  for (let i = 0; i < posts; i++) ids.unshift((await world.publish(author, `no. ${i}`)).postId);
  await eventually(async () => expect(await world.rowsOf(viewer)).toEqual(ids), { timeoutMs: 20_000 });
  return { author, viewer, ids };
};

const UNKNOWN = { code: 'UNAVAILABLE', reason: 'VISIBILITY_UNKNOWN', details: { domain: 'plaza.feed' } };

describe('what was taken away', () => {
  test('a deleted post is shown by no read that starts after the answer, warm head or not', async () => {
    const { author, viewer, ids } = await follower(4);
    expect(idsOf(await world.readFeed(viewer))).toEqual(ids);
    for (const postId of ids.slice(1, 3)) {
      await world.posts.deletePost(asUser(author), { postId });
      expect(idsOf(await world.readFeed(viewer))).not.toContain(postId);
    }
    expect(idsOf(await world.readFeed(viewer))).toEqual([ids[0], ids[3]]);
    await eventually(async () => expect(await world.rowsOf(viewer)).toEqual([ids[0], ids[3]]));
  });

  test('an unfollowed author is gone at once, before and after the rows are swept; following again brings the posts back', async () => {
    const { author, viewer, ids } = await follower(3);
    expect(idsOf(await world.readFeed(viewer))).toEqual(ids);
    world.edge(viewer).delete(author);
    expect(await world.readFeed(viewer)).toEqual([]);
    expect(await world.rowsOf(viewer)).toEqual(ids);
    await world.unfollow(viewer, author);
    await eventually(async () => expect(await world.rowsOf(viewer)).toEqual([]));
    expect(await world.readFeed(viewer)).toEqual([]);
    await world.follow(viewer, author);
    await eventually(async () => expect(idsOf(await world.readFeed(viewer))).toEqual(ids));
  });

  test('an author with a HIDDEN verdict is withheld although followed', async () => {
    const { author, viewer, ids } = await follower(2);
    world.peers.hidden.add(`${viewer} ${author}`);
    expect(await world.readFeed(viewer)).toEqual([]);
    world.peers.hidden.delete(`${viewer} ${author}`);
    expect(idsOf(await world.readFeed(viewer))).toEqual(ids);
  });

  test('a muted author stays out of the feed, and is there for who asks for their posts', async () => {
    const { author, viewer, ids } = await follower(2);
    world.peers.muted.add(`${viewer} ${author}`);
    expect(await world.readFeed(viewer)).toEqual([]);
    expect((await world.posts.listPosts(asUser(viewer), { authorId: author })).posts.map(({ postId }) => postId)).toEqual(ids);
    world.peers.muted.delete(`${viewer} ${author}`);
    expect(idsOf(await world.readFeed(viewer))).toEqual(ids);
  });
});

describe('peers away', () => {
  test('without the graph nothing of others is shown; a feed of own posts needs no graph', async () => {
    const { author, viewer } = await follower(1);
    await eventually(async () => expect(await world.readFeed(author)).toHaveLength(1));
    world.peers.away.graph = true;
    expect(await refusalOf(first(viewer))).toMatchObject(UNKNOWN);
    expect((await first(author)).items).toHaveLength(1);
    world.peers.away.graph = false;
    expect((await first(viewer)).items).toHaveLength(1);
  });

  test('without users and products the posts are shown with bare ids', async () => {
    const { author, viewer } = await follower(1);
    const productId = world.product();
    const { postId } = await world.publish(author, 'with a card', { productIds: [productId] });
    await eventually(async () => expect(await world.rowsOf(viewer)).toContain(postId));
    world.peers.away.user = world.peers.away.product = true;
    const [item] = (await first(viewer)).items;
    expect(item).toMatchObject({
      post: {
        postId,
        productIds: [productId],
        author: { userId: author, username: '', displayName: '' },
        products: [{ productId, name: '', price: undefined, available: 0n, state: ProductCardState.UNSPECIFIED }],
      },
    });
    world.peers.away.user = world.peers.away.product = false;
    await eventually(async () =>
      expect((await first(viewer)).items[0]).toMatchObject({
        post: { author: { username: 'author' }, products: [{ name: 'a thing' }] },
      }),
    );
  });
});

describe('pages', () => {
  test('together they are the feed, each post once, whatever the page size; a page is short only at the end', async () => {
    const { viewer, ids } = await follower(12);
    for (const size of [1, 5, 6, 12, 100]) expect(idsOf(await world.readFeed(viewer, size))).toEqual(ids);
    expect((await first(viewer, '', 12)).nextPageToken).toBe('');
  });

  test('hidden rows are refilled from older ones, and a long hidden stretch ends the page early with a token', async () => {
    const [loud, quiet, viewer] = [world.person(), world.person(), world.person()];
    for (const author of [loud, quiet]) world.edge(viewer).add(author);
    await world.awake(viewer);
    const old = await world.publish(quiet);
    await Promise.all(Array.from({ length: 14 }, () => world.publish(loud)));
    const fresh = await world.publish(quiet);
    await eventually(async () => expect(await world.rowsOf(viewer)).toHaveLength(16), { timeoutMs: 20_000 });
    world.edge(viewer).delete(loud);
    const page = await first(viewer, '', 2);
    expect(idsOf(page.items)).toEqual([fresh.postId, old.postId]);
    const one = await first(viewer, '', 1);
    const empty = await first(viewer, one.nextPageToken, 1);
    expect(empty.items).toEqual([]);
    expect(empty.nextPageToken).not.toBe('');
    expect(idsOf((await first(viewer, empty.nextPageToken, 1)).items)).toEqual([old.postId]);
  });

  test('Redis wiped, stopped and back in the middle: the pages still hold every post once, also while new ones come in above', async () => {
    const { author, viewer, ids } = await follower(9);
    const seen: string[] = [];
    let token = '';
    const turn = async () => {
      const page = await eventually(() => first(viewer, token, 2));
      seen.push(...idsOf(page.items));
      token = page.nextPageToken;
    };
    await first(viewer);
    await turn();
    await redis.wipe();
    await turn();
    await redis.kill();
    await world.publish(author, 'new, above');
    await turn();
    await redis.start();
    await turn();
    await turn();
    expect(token).toBe('');
    expect(seen).toEqual(ids);
    await eventually(async () => expect(await world.readFeed(viewer)).toHaveLength(10), { timeoutMs: 20_000 });
  });

  test('a token is good for its caller and viewer only, and not when tampered with', async () => {
    const { author, viewer } = await follower(2);
    const { nextPageToken: token } = await first(viewer, '', 1);
    const invalid = { code: 'INVALID_ARGUMENT', reason: 'PAGE_TOKEN_INVALID' };
    expect(await refusalOf(world.feed.listHomeFeed(asUser(author), { viewerId: author, pageToken: token }))).toMatchObject(
      invalid,
    );
    expect(await refusalOf(world.feed.listHomeFeed(asAdmin(), { viewerId: viewer, pageToken: token }))).toMatchObject(invalid);
    expect(await refusalOf(first(viewer, `${token}x`))).toMatchObject(invalid);
    expect(await refusalOf(first(viewer, token.toLowerCase()))).toMatchObject(invalid);
  });
});

describe('who reads a feed', () => {
  test('an admin sees in the feed of somebody gone not even their own posts; everybody else is still there', async () => {
    const [viewer, author] = [world.person(), world.person()];
    world.edge(viewer).add(author);
    await world.awake(viewer);
    const own = await world.publish(viewer);
    const other = await world.publish(author);
    const seen = async () => idsOf(await world.readFeed(viewer, 20, () => asAdmin()));
    await eventually(async () => expect(await seen()).toEqual([other.postId, own.postId]));
    world.peers.hidden.add(`${viewer} ${viewer}`);
    expect(await seen()).toEqual([other.postId]);
    world.peers.hidden.delete(`${viewer} ${viewer}`);
    expect(await seen()).toEqual([other.postId, own.postId]);
  });

  test('its owner, an admin, and nobody else', async () => {
    const { viewer, ids } = await follower(1);
    const read = (ctx: ReturnType<typeof asUser>) => world.feed.listHomeFeed(ctx, { viewerId: viewer });
    expect(idsOf((await read(asAdmin())).items)).toEqual(ids);
    expect(await refusalOf(read(asUser(newId())))).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(await refusalOf(read(asService('order', viewer)))).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(await refusalOf(read(testContext()))).toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});
