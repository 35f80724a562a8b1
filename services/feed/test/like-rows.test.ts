import process from 'node:process';

import { newId } from '@plaza/core';
import { expect, test } from 'vitest';

import { counted, listed } from './engagement-audit.ts';
import { calling, createEngagementWorld } from './engagement-world.ts';

const LIKES = Number(process.env['LIKES'] ?? 2_000);
/** As many as one consumer has in hand. */
const IN_HAND = 64;

test('thousands of likes of one post: no row is written for two people, and counting takes few transactions', async () => {
  const [written, counting] = [new Map<string, number>(), { transactions: 0 }];
  const world = createEngagementWorld(undefined, undefined, (method, ops) => {
    if (method.startsWith('feed-count-')) counting.transactions++;
    if (method !== 'like') return;
    for (const op of ops) {
      const { pk, sk } = op.verb === 'put' ? op.item : op.key;
      written.set(`${pk} ${sk}`, (written.get(`${pk} ${sk}`) ?? 0) + 1);
    }
  });
  const { posts, count } = world.replica();
  const author = newId();
  const draft = { authorId: author, text: 'a post', media: [], productIds: [], visibility: 1 as const };
  const { post } = await posts.createPost(calling(author, 'create'), { ...draft, requestId: '', replyToPostId: '' });
  const postId = post!.postId!;
  await each(IN_HAND, Array.from({ length: LIKES }, () => newId()).values(), (userId) =>
    posts.like(calling(userId, 'like'), { userId, postId, requestId: newId() }),
  );
  // State, list, event, request, and that the person is not erased.
  expect(written.size).toBe(5 * LIKES);
  expect([...written.values()].filter((times) => times > 1)).toEqual([]);

  await each(IN_HAND, (await world.events()).values(), count);
  expect(await counted(world.db, postId)).toEqual({ likes: LIKES, reposts: 0, replies: 0 });
  expect(await listed(world.db, postId)).toEqual({ likes: LIKES, reposts: 0, replies: 0 });
  expect(counting.transactions).toBeLessThan(LIKES / 25);
}, 60_000);

/** So many at a time. */
const each = async <T>(atOnce: number, items: IterableIterator<T>, work: (item: T) => Promise<unknown>): Promise<void> => {
  const one = async () => {
    for (const item of items) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
};
