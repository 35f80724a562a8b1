import { newId } from '@plaza/core';
import { asAdmin, asUser, startRedis, testContext, type Engine } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { refusalOf, startWorld, type World } from './world.ts';

const limited = (limit: number, windowS: number) => ({
  code: 'RESOURCE_EXHAUSTED',
  reason: 'RATE_LIMITED',
  details: { metadata: { limit: String(limit), window_s: String(windowS) }, retryAfterMs: expect.any(Number) },
});

// A world with limits; its Redis is its own, because the address that all tests call from is counted in it.
let redis: Engine;
let world: World;
beforeAll(async () => {
  redis = await startRedis();
  world = await startWorld({ workers: 0, config: { rateLimits: 1, redisUrl: redis.url } });
});
afterAll(async () => {
  await world?.close();
  await redis?.stop();
});

test('a person publishes 30 posts an hour; an import by an admin is not limited', async () => {
  const author = world.person();
  for (let i = 0; i < 30; i++) await world.publish(author);
  expect(await refusalOf(world.publish(author))).toMatchObject(limited(30, 3600));
  await world.publish(world.person());
  await world.posts.createPost(asAdmin(), { authorId: author, text: 'imported' });
});

test('a person reads each method 100 times a minute, who has no token 100 times an hour from one address', async () => {
  const eager = newId();
  const read = (ctx = testContext()) => world.posts.batchGetPosts(ctx, { postIds: [newId()] });
  for (let i = 0; i < 100; i++) await Promise.all([read(asUser(eager)), read()]);
  expect(await refusalOf(read(asUser(eager)))).toMatchObject(limited(100, 60));
  expect(await refusalOf(read())).toMatchObject(limited(100, 3600));
  await read(asUser(newId()));
  await read(asAdmin());
});
