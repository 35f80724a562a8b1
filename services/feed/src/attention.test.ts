import { newId, slotAt } from '@plaza/core';
import { createBucketSums, createMemoryDb, insert } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { createPayAttention } from './attention.ts';
import { newPost } from './domain/posts/post.ts';
import { createAttentionStore } from './store/posts/attention-store.ts';
import { toItem } from './store/posts/post-item.ts';
import { createPostReader } from './store/posts/post-reader.ts';
import { postAttention, postsTable } from './store/table.ts';

const NOW = 1_800_000_000_000;

test('thousands who like one post at once are counted by few transactions, reads and questions to the graph', async () => {
  const done = { transact: 0, batchGet: 0, questions: 0 };
  const db = createMemoryDb({
    faults: ({ verb }) => {
      if (verb === 'transact' || verb === 'batchGet') done[verb]++;
      return undefined;
    },
  });
  const verdicts = async (_ctx: unknown, _viewer: string, authors: readonly string[]) => {
    done.questions++;
    return new Map(authors.map((id) => [id, { hidden: false, muted: false, following: false }]));
  };
  const now = () => NOW;
  const attention = createAttentionStore({ db, now });
  const payAttention = createPayAttention({ attention, posts: createPostReader({ db }), peers: { verdicts } });
  const draft = { authorId: newId(), text: '#tea', media: [], productIds: [], visibility: 'PUBLIC' } as const;
  const post = newPost(newId(), draft);
  await db.write(testContext(), insert(postsTable, { ...toItem(post), media: [] }));

  // As the bus hands them out: 64 at a time.
  for (let told = 0; told < 2048; told += 64)
    await Promise.all(
      Array.from({ length: 64 }, (_, i) =>
        payAttention(testContext(), [post.postId], () => ({ id: `like/${told + i}`, at: NOW, points: 3, tagPoints: 3 })),
      ),
    );
  const sums = await createBucketSums({ db, buckets: postAttention })(testContext(), 'HOUR', slotAt('HOUR', NOW));
  expect(sums.get(post.postId)).toBe(3 * 2048);
  // Of each 64, the first is looked up and counted alone, and so is the first of the others.
  expect(done.questions).toBeLessThanOrEqual(2 * 32);
  expect(done.batchGet).toBeLessThanOrEqual(2 * 32);
  expect(done.transact).toBeLessThanOrEqual(3 * 32);
});
