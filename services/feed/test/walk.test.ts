import { ProductCardState } from '@plaza/proto/plaza/feed/v1/post';
import { eventually } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

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
