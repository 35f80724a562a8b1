import { newId } from '@plaza/core';
import { asUser } from '@plaza/testing';
import { afterAll, expect, test } from 'vitest';

import { repostKey, storyKey } from '../src/domain/home/entry.ts';
import { THRESHOLDS } from '../src/domain/home/mode.ts';
import { noRedis } from './in-memory.ts';
import { simulate } from './simulated.ts';
import { refusalOf } from './world.ts';

afterAll(() => noRedis.close());

/** A viewer who follows an author, over a table in memory; everything happens in order. */
const couple = () => {
  const plaza = simulate({ turn: async () => undefined, fault: () => undefined, twice: () => false, lag: () => 0 }, THRESHOLDS);
  const [viewer, author] = [newId(), newId()];
  plaza.follow(viewer, author);
  const post = async (authorId: string, visibility: 1 | 3 = 1) => {
    const request = { authorId, text: 'x', media: [], productIds: [], visibility, requestId: newId(), replyToPostId: '' };
    const { post: made } = await plaza.posts.createPost(asUser(authorId), request);
    await plaza.settle(0);
    return made!.postId!;
  };
  const status = () => plaza.feed.getFeedStatus(asUser(viewer), { viewerId: viewer });
  const mark = (itemId: string) => plaza.feed.markFeedSeen(asUser(viewer), { viewerId: viewer, itemId, requestId: '' });
  return { plaza, viewer, author, post, status, mark };
};

test('unseen is what came after the newest item seen; own posts, and what is not shown, do not count', async () => {
  const { plaza, viewer, author, post, status, mark } = couple();
  const first = await post(author);
  const second = await post(author);
  await post(viewer);
  await post(author, 3);
  await post(newId());
  expect(await status()).toMatchObject({ unseen: 2, unseenMore: false, seenItemId: '' });
  await mark(first);
  expect(await status()).toMatchObject({ unseen: 1, seenItemId: first });
  await mark(second);
  expect(await status()).toMatchObject({ unseen: 0, seenItemId: second });
  await mark(first);
  expect(await status(), 'having seen less changes nothing').toMatchObject({ unseen: 0, seenItemId: second });
  const third = await post(author);
  expect(await status()).toMatchObject({ unseen: 1 });
  await plaza.posts.deletePost(asUser(author), { postId: third, requestId: newId() });
  expect(await status()).toMatchObject({ unseen: 0 });
});

test('more than a hundred are a hundred and more; exactly so many are not more', { timeout: 30_000 }, async () => {
  const { author, post, status } = couple();
  for (let i = 0; i < 100; i++) await post(author);
  expect(await status()).toMatchObject({ unseen: 100, unseenMore: false });
  await post(author);
  expect(await status()).toMatchObject({ unseen: 100, unseenMore: true });
});

test('only what may be an item can have been seen', async () => {
  const { mark } = couple();
  const [a, b, c] = [newId(), newId(), newId()];
  for (const good of [a, repostKey(a, b, c), storyKey(a, b)]) expect(await mark(good)).toEqual({});
  const invalid = { code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD', details: { violations: [{ field: 'item_id' }] } };
  for (const bad of ['x'.repeat(26), `${a}X${b}`, `${a}${b}`, repostKey(a, b, ''), newId(Date.now() + 3_600_000)])
    expect(await refusalOf(mark(bad))).toMatchObject(invalid);
});
