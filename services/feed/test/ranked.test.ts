import { connectRedis } from '@plaza/cache';
import { isAppError, newId, noMetrics, silentLog } from '@plaza/core';
import { FeedOrder, type FeedItem } from '@plaza/proto/plaza/feed/v1/feed_service';
import { eventually, startRedis, type Engine } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { noRedis } from './in-memory.ts';
import { createStoryWorld, type StoryWorld } from './story-world.ts';

let engine: Engine;
let redis: ReturnType<typeof connectRedis>;
beforeAll(async () => {
  engine = await startRedis();
  redis = connectRedis({ owner: 'feed', url: engine.url, log: silentLog, metrics: noMetrics, commandMs: 5_000 });
  await eventually(async () => {
    if (!redis.up()) throw new Error('not yet');
  });
});
afterAll(async () => {
  await redis.close();
  await engine.stop();
  await noRedis.close();
});

/** A viewer of two authors, of whom they like one, who posted first. Oldest first. */
const scene = async (posts: number, world: StoryWorld = createStoryWorld({ redis, namespace: newId() })) => {
  const [viewer, dear, other] = [newId(), newId(), newId()];
  await world.read(viewer);
  for (const author of [dear, other]) await world.follow(viewer, author);
  const made: string[] = [];
  for (let i = 0; i < posts; i++) made.push(await world.publish(i < posts / 2 ? dear : other));
  await world.like(viewer, made[0]!);
  return { world, viewer, dear, other, made };
};

const page = (world: StoryWorld, viewer: string, pageToken: string, size: number) =>
  world.read(viewer, pageToken, size, FeedOrder.RANKED);
const idsOf = (items: readonly FeedItem[]) => items.map(({ post }) => post!.postId);

const all = async (world: StoryWorld, viewer: string, size: number, between: (pages: number) => unknown = () => undefined) => {
  const ids: string[] = [];
  for (let pageToken = '', pages = 1; ; pages++) {
    const one = await page(world, viewer, pageToken, size);
    ids.push(...idsOf(one.items));
    pageToken = one.nextPageToken;
    if (pageToken === '') return ids;
    await between(pages);
  }
};

test('what the viewer likes comes first, in one order for pages of any size, which new posts and likes do not disturb', async () => {
  const { world, viewer, dear, made } = await scene(10);
  const [liked] = made;
  const wanted = [liked!, ...made.slice(1, 5).toReversed(), ...made.slice(5).toReversed()];
  // A like of one's own is a like too, and counts for the post as well.
  for (const size of [1, 3, 10, 100]) expect(await all(world, viewer, size)).toEqual(wanted);
  const seen = await all(world, viewer, 3, async (pages) => {
    if (pages === 1) await world.like(viewer, (await world.publish(dear)) && made[7]!);
  });
  expect(seen).toEqual(wanted);
});

test('behind the newest 200 it goes on by time, and nothing comes twice', async () => {
  const { world, viewer, made } = await scene(230);
  const ids = await all(world, viewer, 70);
  expect(ids.slice(200)).toEqual(made.slice(0, 30).toReversed());
  expect(ids.toSorted()).toEqual(made.toSorted());
});

test('what is taken away between two pages is not shown, and the page is filled from behind it', async () => {
  const { world, viewer, other, made } = await scene(12);
  const first = await page(world, viewer, '', 3);
  world.muted.add(`${viewer} ${other}`);
  const second = await page(world, viewer, first.nextPageToken, 20);
  expect([...idsOf(first.items), ...idsOf(second.items)].toSorted()).toEqual(made.slice(0, 6).toSorted());
});

test('who passed a post on is named in a ranking too, by who may be seen now', async () => {
  const { world, viewer, dear, other, made } = await scene(2);
  const post = await world.publish(newId());
  for (const who of [dear, other]) await world.repost(who, post);
  const find = async (pageToken: string) => {
    const { items, nextPageToken } = await page(world, viewer, pageToken, 1);
    return { by: items.map(({ by }) => by.map(({ userId }) => userId)), items, nextPageToken };
  };
  const pages: Awaited<ReturnType<typeof find>>[] = [];
  for (let token = ''; pages.length === 0 || token !== ''; token = pages.at(-1)!.nextPageToken) pages.push(await find(token));
  expect(pages.flatMap(({ items }) => idsOf(items)).toSorted()).toEqual([...made, post].toSorted());
  expect(pages.find(({ items }) => idsOf(items)[0] === post)!.by).toEqual([[other, dear]]);
});

test('a ranking that is gone is expired, and so it is with Redis away', async () => {
  const { world, viewer } = await scene(5);
  const { nextPageToken } = await page(world, viewer, '', 2);
  const away = createStoryWorld({ redis: noRedis, db: world.db });
  const refusal = await page(away, viewer, nextPageToken, 2).catch((error: unknown) => error);
  expect(isAppError(refusal, 'RANKING_EXPIRED')).toBe(true);
  expect(refusal).toMatchObject({ code: 'FAILED_PRECONDITION' });
  expect((await page(world, viewer, nextPageToken, 2)).items).toHaveLength(2);
});

test('with Redis away the first page alone is ranked, and the rest follows by time: nothing twice, nothing lost', async () => {
  const { world, viewer, made } = await scene(10, createStoryWorld());
  const [newest, rest] = [made.slice(5).toReversed(), made.slice(0, 4).toReversed()];
  expect(await all(world, viewer, 6)).toEqual([made[4], ...newest, ...rest]);
});

test('a token of one order is none of the other', async () => {
  const { world, viewer } = await scene(5);
  const { nextPageToken } = await page(world, viewer, '', 2);
  await expect(world.read(viewer, nextPageToken, 2)).rejects.toMatchObject({ reason: 'PAGE_TOKEN_INVALID' });
  const byTime = await world.read(viewer, '', 2);
  await expect(page(world, viewer, byTime.nextPageToken, 2)).rejects.toMatchObject({ reason: 'PAGE_TOKEN_INVALID' });
});
