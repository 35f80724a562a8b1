import * as cacheMetrics from '@plaza/cache/metrics';
import * as dynamoMetrics from '@plaza/dynamo/metrics';
import * as eventMetrics from '@plaza/events/metrics';
import { ProductCardState } from '@plaza/proto/plaza/feed/v1/post';
import * as rpcMetrics from '@plaza/rpc/metrics';
import { eventually } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import * as feedMetrics from '../src/metrics.ts';
import { idsOf, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test('a post reaches its author and every follower, with author and product cards', async () => {
  const [author, fan, stranger] = [world.person('shop'), world.person(), world.person()];
  const teapot = world.product('Teapot');
  await world.awake(author, fan);
  await world.follow(fan, author);
  const post = await world.publish(author, 'New #Tea for @Fanny_', { productIds: [teapot] });
  expect(post).toMatchObject({ hashtags: ['tea'], mentions: ['fanny_'], etag: '1' });

  await eventually(async () => expect(idsOf(await world.readFeed(fan))).toEqual([post.postId]));
  await eventually(async () => expect(idsOf(await world.readFeed(author))).toEqual([post.postId]));
  expect(await world.readFeed(stranger)).toEqual([]);
  const [item] = await world.readFeed(fan);
  expect(item).toEqual({
    post: {
      ...post,
      author: { userId: author, username: 'shop', displayName: 'The shop' },
      products: [
        {
          productId: teapot,
          name: 'Teapot',
          price: { currencyCode: 'EUR', units: 12n, nanos: 500_000_000 },
          available: 7n,
          state: ProductCardState.LISTED,
        },
      ],
      counts: { likes: 0n, reposts: 0n, replies: 0n, views: 0n },
      viewer: { liked: false, reposted: false, bookmarked: false },
    },
    reason: 1,
    itemId: post.postId,
    itemTime: post.createTime,
    by: [],
    productCards: [],
    news: undefined,
  });
});

test('what service and worker tell Prometheus is what is declared, no more and no less', async () => {
  const declared = [rpcMetrics, dynamoMetrics, cacheMetrics, eventMetrics, feedMetrics].flatMap((part) => Object.values(part));
  const told = new Map<string, string>();
  for (const { adminPort } of [world.app, ...world.workers]) {
    const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
    for (const [, name = '', kind = ''] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) told.set(name, kind);
  }
  // Without TLS there is no certificate.
  const expected = declared.filter(({ name }) => name !== 'tls_certificate_expires_seconds');
  expect(Object.fromEntries(told)).toMatchObject(Object.fromEntries(expected.map(({ name, kind }) => [name, kind])));
  const undeclared = [...told.keys()].filter((name) => !/^(process|nodejs)_/.test(name));
  expect(undeclared.filter((name) => !declared.some((metric) => metric.name === name))).toEqual([]);
});

test('a person reads on the status page what the worker did', async () => {
  const { adminPort } = world.workers[0]!;
  const page = await fetch(`http://127.0.0.1:${adminPort}/statusz`, { headers: { accept: 'text/html' } });
  const text = await page.text();
  expect(page.headers.get('content-type')).toContain('text/html');
  for (const part of ['feed-worker', 'feed-plan-fan-out', 'Home feed rows written by the fan-out', world.config.namespace])
    expect(text).toContain(part);
  for (const secret of [
    world.config.signingKey,
    world.config.pageSecret,
    world.config.redisUrl,
    ...Object.values(world.config.verifyKeys),
  ])
    expect(text).not.toContain(secret);
});
