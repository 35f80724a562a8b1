import { connectRedis, createTimeline } from '@plaza/cache';
import { mutationOf, newId, noMetrics, silentLog } from '@plaza/core';
import { createMemoryDb, type Faults } from '@plaza/dynamo';
import { asUser, testContext } from '@plaza/testing';
import { afterAll, expect, test } from 'vitest';

import { editOf } from '../domain/posts/edit.ts';
import type { Post, PostVisibility } from '../domain/posts/post.ts';
import { createPushing } from '../pushing.ts';
import { createErasureStore } from '../store/erasure-store.ts';
import { createDelivery } from '../store/home/delivery.ts';
import { createHeadGeneration } from '../store/home/head-generation.ts';
import { createHomeFeedStore } from '../store/home/home-feed-store.ts';
import { createReceiptStore } from '../store/home/receipt-store.ts';
import { createListReader } from '../store/posts/list-reader.ts';
import { createPostEditor } from '../store/posts/post-editor.ts';
import { createTruths } from '../store/home/truths.ts';
import { createPostReader } from '../store/posts/post-reader.ts';
import { createPostWriter } from '../store/posts/post-writer.ts';
import { createPublicDays } from '../store/posts/public-days.ts';
import { createRevisionStore } from '../store/posts/revision-store.ts';
import { homeFeedTable } from '../store/table.ts';
import { pushChunk } from './push-chunk.ts';

const TAKING = 'taking';
const DEATH = new Error('the process died here');
const redis = connectRedis({ owner: 'feed', url: 'redis://127.0.0.1:1', log: silentLog, metrics: noMetrics });
afterAll(() => redis.close());

test('a chunk goes into feeds as its post is by now, whatever it was when the chunk was cut', async () => {
  const { author, fan, put, show, rowsOf } = await world('PRIVATE');
  await put();
  expect([await rowsOf(author), await rowsOf(fan)]).toEqual([1, 0]);
  await show('FOLLOWERS');
  await put();
  expect([await rowsOf(author), await rowsOf(fan)]).toEqual([1, 1]);
});

test('a post that became PRIVATE is taken out of all feeds but its author’s; one that is shown again stays', async () => {
  const { author, fan, put, take, show, rowsOf } = await world('PUBLIC');
  await put();
  await take();
  expect([await rowsOf(author), await rowsOf(fan)]).toEqual([1, 1]);
  await show('PRIVATE');
  await take();
  expect([await rowsOf(author), await rowsOf(fan)]).toEqual([1, 0]);
});

test('an edit and its whole fan-out between the look at the post and the delete: the delete is made good', async () => {
  let meanwhile: (() => Promise<void>) | undefined;
  const { fan, put, take, show, rowsOf } = await world('PUBLIC', async ({ verb, method }) => {
    if (verb !== 'batchWrite' || method !== TAKING) return undefined;
    const happens = meanwhile;
    meanwhile = undefined;
    await happens?.();
    return undefined;
  });
  await put();
  await show('PRIVATE');
  meanwhile = async () => {
    await show('PUBLIC');
    await put();
  };
  await take();
  expect(await rowsOf(fan)).toBe(1);
});

test('so it is when the process died right after the delete', async () => {
  let looks = 0;
  const { fan, put, take, show, rowsOf } = await world('PUBLIC', ({ verb, method }) => {
    if (verb === 'get' && method === TAKING && ++looks === 2) throw DEATH;
    return undefined;
  });
  await put();
  await show('PRIVATE');
  await expect(take()).rejects.toBe(DEATH);
  expect(await rowsOf(fan)).toBe(0);
  await show('PUBLIC');
  await take();
  expect(await rowsOf(fan)).toBe(1);
});

/** A post, its author and a follower. `put` and `take` are the two kinds of chunks, for both of them. */
const world = async (visibility: PostVisibility, faults: Faults = () => undefined) => {
  const db = createMemoryDb({ faults });
  const [author, fan] = [newId(), newId()];
  const heads = createTimeline({ redis, namespace: newId(), name: 'home', cap: 500, ttlMs: 1_000 });
  const homeFeeds = createHomeFeedStore({ db, heads, generation: createHeadGeneration({ db }) });
  const posts = createPostReader({ db });
  const lists = createListReader({ db, now: Date.now });
  const erasures = createErasureStore({ db, posts, lists, homeFeeds, now: Date.now });
  const deliver = createDelivery({ homeFeeds, erasures });
  const pushing = createPushing({
    truths: createTruths({ db }),
    live: { pushed: () => undefined, pulled: () => undefined },
    homeFeeds,
    deliver,
    awake: async (_ctx, viewerIds) => [...viewerIds],
    receipts: createReceiptStore({ db }),
    metrics: noMetrics,
    now: Date.now,
  });
  const handle = pushChunk({ pushing });

  const relay = { nudge: () => undefined };
  const days = createPublicDays({ db });
  const writer = createPostWriter({ db, relay, days, newId, now: Date.now });
  const editor = createPostEditor({ db, posts, revisions: createRevisionStore({ db }), relay, days });
  const ctx = asUser(author);
  const draft = { authorId: author, text: 'x', media: [], productIds: [], visibility };
  const { postId } = await writer.publish(ctx, mutationOf(ctx, '', {}), draft, async () => undefined);

  const chunk = (remove: boolean) => {
    const task = { entry: postId, sourceId: author, chunk: 0, viewerIds: [author, fan], remove, planId: newId() };
    const meta = { id: newId(), at: Date.now(), aggregateId: '', version: 0, tries: 1, stopping: new AbortController().signal };
    return handle(testContext({ method: remove ? TAKING : 'putting' }), task, meta);
  };
  return {
    author,
    fan,
    put: () => chunk(false),
    take: () => chunk(true),
    show: async (to: PostVisibility): Promise<void> => {
      await editor.edit(ctx, mutationOf(ctx, '', {}), postId, async (post) =>
        editOf(post as Post, ['visibility'], { ...draft, visibility: to }, Date.now()),
      );
    },
    rowsOf: async (viewerId: string) => (await db.query(testContext(), homeFeedTable, { pk: viewerId })).items.length,
  };
};
