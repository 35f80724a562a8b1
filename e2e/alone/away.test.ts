import { OrderState } from '@plaza/proto/plaza/order/v1/order_service';
import { eventually, startNats, startRedis, type Engine } from '@plaza/testing';
import { startEngines } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startWorld, type World } from '../src/world.ts';

// These engines are killed and wiped, so they are this file's own; the tables stay on the shared one.
let world: World;
let redis: Engine;
let nats: Engine;
beforeAll(async () => {
  [redis, nats] = await Promise.all([startRedis(), startNats()]);
  const { dynamodbEndpoint } = await startEngines();
  world = await startWorld({ engines: { dynamodbEndpoint, redisUrl: redis.url, natsUrl: nats.url } });
});
afterAll(async () => {
  await world?.close();
  await Promise.all([redis?.stop(), nats?.stop()]);
});

test('Redis away: every walk still gives the right answer; Redis back: nothing stale', async () => {
  const { author, follower, first } = await pair();
  await redis.stop();

  const second = await world.post(author);
  await eventually(async () => expect(await world.feed(follower)).toEqual([second, first]));
  expect((await buy()).state).toBe(OrderState.PAID);
  await world.unfollow(follower, author);
  expect(await world.feed(follower)).toEqual([]);
  await world.follow(follower, author);

  await redis.start();
  await eventually(async () => expect(await world.feed(follower)).toEqual([second, first]), { timeoutMs: 20_000 });
  const third = await world.post(author);
  await eventually(async () => expect(await world.feed(follower)).toEqual([third, second, first]));
});

test('Redis paused: answers are right, and late by no more than its timeout and the breaker allow', async () => {
  const { follower, first } = await pair();
  redis.pause();
  try {
    const start = performance.now();
    expect(await world.feed(follower)).toEqual([first]);
    expect(performance.now() - start).toBeLessThan(2_000);
  } finally {
    redis.resume();
  }
});

test('NATS away: writes succeed; NATS back: feeds catch up', async () => {
  const { author, follower, first } = await pair();
  const newFan = await world.person();
  await world.awake(newFan);
  await nats.stop();

  const second = await world.post(author);
  expect((await buy()).state).toBe(OrderState.PAID);
  await world.follow(newFan, author);

  await nats.start();
  await eventually(async () => expect(await world.feed(follower)).toEqual([second, first]), { timeoutMs: 30_000 });
  await eventually(async () => expect(await world.feed(newFan)).toEqual([second, first]), { timeoutMs: 30_000 });
});

test('NATS and Redis lose everything they store, events still in flight: within a minute every feed is whole', async () => {
  const { author, follower, first } = await pair();
  const [newFan, fanOfFan] = [await world.person(), await world.person()];
  await world.awake(newFan, fanOfFan);
  // The worker is away, so that what is published now is only in the store that gets lost.
  await world.plaza.process('feed-worker').stop();
  const second = await world.post(author);
  await world.follow(newFan, author);
  await world.follow(fanOfFan, newFan);
  const third = await world.post(newFan);

  await Promise.all([nats.wipe(), redis.wipe()]);
  await world.plaza.process('feed-worker').restart();

  await eventually(
    async () => {
      expect(await world.feed(follower)).toEqual([second, first]);
      expect(await world.feed(newFan)).toEqual([third, second, first]);
      expect(await world.feed(fanOfFan)).toEqual([third]);
    },
    { timeoutMs: 60_000, everyMs: 500 },
  );
});

const pair = async () => {
  const [author, follower] = [await world.person(), await world.person()];
  await world.awake(author, follower);
  await world.follow(follower, author);
  const first = await world.post(author);
  await eventually(async () => expect(await world.feed(follower)).toEqual([first]), { timeoutMs: 20_000 });
  return { author, follower, first };
};

const buy = async () => {
  const buyer = await world.person();
  const { productId } = await world.shelf(1, 5);
  await world.fund(buyer, 10);
  return world.order(buyer, productId);
};
