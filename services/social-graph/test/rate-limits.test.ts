import { readFileSync } from 'node:fs';

import { isAppError, newId, type Context } from '@plaza/core';
import { asAdmin, asService, asUser, startRedis, testContext, type Engine } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startWorld, type World } from './world.ts';

// A world with limits; its Redis is its own, because the address that all tests call from is counted in it.
let redis: Engine;
let world: World;
beforeAll(async () => {
  redis = await startRedis();
  world = await startWorld({ rateLimits: 1, redisUrl: redis.url });
});
afterAll(async () => {
  await world?.close();
  await redis?.stop();
});

const limited = (limit: number, windowS: number) => ({
  code: 'RESOURCE_EXHAUSTED',
  reason: 'RATE_LIMITED',
  details: { metadata: { limit: String(limit), window_s: String(windowS) }, retryAfterMs: expect.any(Number) },
});

const times = async (count: number, call: () => Promise<unknown>) => {
  for (let i = 0; i < count; i++) await call();
};

const refusalOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

test('a person follows 200 times an hour, whatever comes of it, and others are not held up by that', async () => {
  const [eager, other] = [newId(), newId()];
  // Oneself: refused after it was counted, which is quicker than a follow.
  const follow = (ctx: Context, followerId: string) => world.graph.follow(ctx, { followerId, followeeId: followerId });
  await times(200, async () => expect(await refusalOf(follow(asUser(eager), eager))).toMatchObject({ reason: 'SELF_FOLLOW' }));
  expect(await refusalOf(follow(asUser(eager), eager))).toMatchObject(limited(200, 3600));
  expect(await refusalOf(follow(asUser(other), other))).toMatchObject({ reason: 'SELF_FOLLOW' });
  expect(await refusalOf(follow(asAdmin(), eager))).toMatchObject({ reason: 'SELF_FOLLOW' });
});

test('a person reads each method 100 times a minute, an address without a token 100 times an hour', async () => {
  const reader = newId();
  const read = (ctx: Context) => world.graph.batchGetCounts(ctx, { userIds: [reader] });
  await times(100, () => read(asUser(reader)));
  expect(await refusalOf(read(asUser(reader)))).toMatchObject(limited(100, 60));
  await world.graph.listFollowers(asUser(reader), { userId: reader });
  await times(100, () => read(testContext()));
  expect(await refusalOf(read(testContext()))).toMatchObject(limited(100, 3600));
});

test('services are not limited', async () => {
  const check = async () =>
    expect(isAppError(await refusalOf(world.graph.checkVisibility(asService('feed'), { authorIds: [newId()] })))).toBe(false);
  await times(110, check);
});

test('no call of a person or of the anonymous is without a limit', () => {
  const proto = readFileSync(new URL('../../../proto/plaza/graph/v1/social_graph_service.proto', import.meta.url), 'utf8');
  const rpcs = [...proto.matchAll(/rpc (\w+)\([^]*?\.policy\) = \{([^]*?)\n    \};/g)].map(([, name = '', policy = '']) => ({
    name,
    policy,
  }));
  expect(rpcs).toHaveLength(26);
  const admits = (grant: RegExp) => rpcs.filter(({ policy }) => grant.test(policy)).map(({ name }) => name);
  const limitedBy = (kind: string) => rpcs.filter(({ policy }) => policy.includes(`${kind}: true\n`)).map(({ name }) => name);
  expect(limitedBy('caller')).toEqual(admits(/^\s*(user: true|public: true|owner: ")/m));
  expect(limitedBy('anonymous')).toEqual(admits(/^\s*public: true/m));
});
