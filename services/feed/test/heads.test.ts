import { createProxy, eventually, startRedis, testContext, type Engine, type Proxy, at } from '@plaza/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { homeFeedTable, keys } from '../src/store/table.ts';
import { idsOf, startWorld, type World } from './world.ts';

/** The worker's way to Redis, and only the worker's: readers are served by Redis all the time. */
let proxy: Proxy;
let redis: Engine;
let world: World;
beforeAll(async () => {
  redis = await startRedis();
  proxy = await createProxy({ target: `127.0.0.1:${redis.port}` });
  world = await startWorld({ config: { redisUrl: redis.url }, worker: { redisUrl: at(redis.url, proxy) } });
});
afterEach(() => proxy.heal());
afterAll(async () => {
  await world.close();
  await proxy.close();
  await redis.stop();
});

const hits = async () => (await world.metric('cache_requests_total'))['{cache="home",result="hit"}'] ?? 0;
const generation = async () =>
  Number((await world.db.get(testContext(), homeFeedTable, keys.headGeneration))?.['generation'] ?? 0);

/** Reads until a read was answered by the head. */
const warmed = async (viewerId: string): Promise<string[]> =>
  eventually(
    async () => {
      const before = await hits();
      const ids = idsOf(await world.readFeed(viewerId));
      expect(await hits()).toBeGreaterThan(before);
      return ids;
    },
    { timeoutMs: 15_000 },
  );

const pair = async () => {
  const [author, viewer] = [world.person(), world.person()];
  world.edge(viewer).add(author);
  await world.awake(viewer);
  const { postId } = await world.publish(author);
  await eventually(async () => expect(await warmed(viewer)).toEqual([postId]), { timeoutMs: 20_000 });
  return { author, viewer, postId };
};

test('a warm head serves the feed and gets what is pushed', async () => {
  const { author, viewer, postId } = await pair();
  const second = await world.publish(author);
  await eventually(async () => expect(await warmed(viewer)).toEqual([second.postId, postId]));
});

test.each([
  ['cut off', () => proxy.cut()],
  ['swallowed', () => proxy.blackhole()],
  ['reset', () => proxy.reset()],
])('the fan-out is %s from Redis: no warm head keeps the hole, then or later', async (_how, fault) => {
  const { author, viewer, postId } = await pair();
  const before = await generation();
  fault();
  const missed = await world.publish(author);
  await eventually(async () => expect(await world.rowsOf(viewer)).toContain(missed.postId));
  await eventually(async () => expect(idsOf(await world.readFeed(viewer))).toEqual([missed.postId, postId]), {
    timeoutMs: 10_000,
  });
  expect(await generation()).toBeGreaterThan(before);
  proxy.heal();
  // A read that Redis kept waiting went to the table: the lease may still have a moment.
  await eventually(async () => expect(await warmed(viewer)).toEqual([missed.postId, postId]), { timeoutMs: 10_000 });
  const next = await world.publish(author);
  await eventually(async () => expect(await warmed(viewer)).toEqual([next.postId, missed.postId, postId]), { timeoutMs: 20_000 });
});

test('without a worker heads lapse, and the table answers', async () => {
  const lone = await startWorld({ config: { redisUrl: redis.url }, workers: 0 });
  const worker = await lone.newWorker();
  const author = lone.person();
  await lone.awake(author);
  const { postId } = await lone.publish(author);
  await eventually(async () => expect(idsOf(await lone.readFeed(author))).toEqual([postId]));
  await worker.close();
  await eventually(
    async () => {
      const misses = async () => (await lone.metric('cache_requests_total'))['{cache="home",result="miss"}'] ?? 0;
      const before = await misses();
      expect(idsOf(await lone.readFeed(author))).toEqual([postId]);
      expect(await misses()).toBeGreaterThan(before);
    },
    { timeoutMs: 10_000 },
  );
  await lone.close();
});
