import { FanoutMode } from '@plaza/proto/plaza/feed/v1/feed_admin_service';
import { Post } from '@plaza/proto/plaza/feed/v1/post';
import { Product } from '@plaza/proto/plaza/product/v1/product_service';
import { User } from '@plaza/proto/plaza/user/v1/user_service';
import { newId } from '@plaza/core';
import { expect, test } from 'vitest';

import { newPost } from './domain/posts/post.ts';
import { toFanoutStatus, toMessage } from './mapping.ts';

/** What a gRPC client takes by default. */
const MESSAGE_BYTES = 4 * 1024 * 1024;
/** See the proto. */
const [TEXT_BYTES, URL_BYTES, ALT_BYTES, PAGE] = [20_480, 1024, 1000, 100];

test('a page of the fullest posts is no larger than a client takes', () => {
  const tags = Array.from({ length: 20 }, (_, i) => `#${'語'.repeat(48)}${10 + i}`).join(' ');
  const names = Array.from({ length: 20 }, (_, i) => `@${'語'.repeat(28)}${10 + i}`).join(' ');
  const said = `${tags} ${names} `;
  const text = said + 'x'.repeat(TEXT_BYTES - Buffer.byteLength(said));
  const media = Array.from({ length: 4 }, () => ({
    url: `https://${'u'.repeat(URL_BYTES - 8)}`,
    type: 'IMAGE' as const,
    width: 100_000,
    height: 100_000,
    altText: 'a'.repeat(ALT_BYTES),
  }));
  const productIds = Array.from({ length: 10 }, () => newId());
  const authorId = newId();
  const post = newPost(newId(), { authorId, text, media, productIds, visibility: 'PUBLIC' });
  expect([post.hashtags.length, post.mentions.length]).toEqual([20, 20]);
  const price = { currencyCode: 'EUR', units: 10n ** 15n, nanos: 990_000_000 };
  const products = productIds.map((productId) =>
    Product.fromPartial({ productId, name: '語'.repeat(200), price, available: 10n ** 15n }),
  );
  const user = User.fromPartial({ userId: authorId, username: 'u'.repeat(30), displayName: '語'.repeat(100) });
  const counts = { likes: 1e9, reposts: 1e9, replies: 1e9, views: 1e12 };
  const message = toMessage(
    post,
    { counts, mine: {} },
    { users: new Map([[authorId, user]]), products: new Map(products.map((product) => [product.productId, product])) },
  );
  expect(Post.encode(message).finish().length * PAGE).toBeLessThan(MESSAGE_BYTES);
});

test('the fan-out of who was never counted is told as pushed, and what is not done as pending', () => {
  expect(toFanoutStatus(undefined, undefined)).toMatchObject({
    mode: FanoutMode.PUSH,
    chunks: 0,
    pending: 0,
    decideTime: undefined,
  });
  const receipt = { planId: 'p', chunks: 3, done: new Set([0, 2]), pushed: 700, hibernated: 300, pulled: 0 };
  const load = { followers: 12_000, postsPerDay: 2, active: 700 };
  const mode = { ...load, mode: 'MARKING' as const, planId: 'm', decidedAt: 5, lastEntry: 'e', version: 4 };
  expect(toFanoutStatus(receipt, mode)).toEqual({
    mode: FanoutMode.TURNING_TO_PULL,
    followers: 12_000n,
    postsPerDay: 2,
    activeFollowers: 700n,
    decideTime: new Date(5),
    chunks: 3,
    chunksDone: 2,
    pushed: 700n,
    hibernated: 300n,
    pulled: 0n,
    pending: 1,
  });
});
