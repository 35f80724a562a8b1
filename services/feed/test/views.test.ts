import { newId } from '@plaza/core';
import { postViews } from '@plaza/events';
import { asAdmin, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import type { App } from '../src/app.ts';
import { newPost } from '../src/domain/posts/post.ts';
import { toItem } from '../src/store/posts/post-item.ts';
import { createPostReader } from '../src/store/posts/post-reader.ts';
import { keys, postsTable } from '../src/store/table.ts';
import { refusalOf, startWorld, type World } from './world.ts';

const PRIVATE = 3;
const PATIENCE = { timeoutMs: 20_000 };

let world: World;
let worker: App;
beforeAll(async () => {
  world = await startWorld({ workers: 0 });
});
// Whatever a test that failed left away is back for the next one.
beforeEach(() => Object.assign(world.peers.away, { user: false, product: false, graph: false }));
afterAll(async () => {
  await worker?.close();
  await world?.close();
});

test('views are taken down while no worker is there, and are counted when one comes: each call once, each post once a call', async () => {
  const author = world.person();
  const [a, b, untouched] = [await publish(author), await publish(author), await publish(author)];
  const [reader, requestId] = [newId(), newId()];
  for (let times = 0; times < 3; times++) await view(asUser(reader), [a, b, a], requestId);
  await view(testContext(), [a], requestId);
  await view(asUser(reader), [a], requestId);
  await view(asAdmin(), [a]);
  expect(await viewsOf([a, b])).toEqual([0, 0]);
  worker = await world.newWorker();
  await handled(4);
  expect(await viewsOf([a, b, untouched])).toEqual([4, 1, 0]);
  expect((await world.posts.getPost(asUser(author), { postId: a })).post?.counts).toMatchObject({ views: 4n, likes: 0n });
});

test('a flush that the queue has forgotten is known to the counters', async () => {
  const author = world.person();
  const ids = [await publish(author), await publish(author)];
  const flush = { flushId: newId(), postIds: ids, viewTime: new Date() };
  const before = await handledYet();
  for (let i = 0; i < 5; i++) await world.events.bus.enqueue(postViews, flush, { id: newId() });
  await handled(before + 5);
  expect(await viewsOf(ids)).toEqual([1, 1]);
});

test('what is unknown, deleted or for its author alone is not counted and leaves nothing behind, also beside a hundred that are', async () => {
  const author = world.person();
  const draft = { authorId: author, text: 'look', media: [], productIds: [], visibility: 'PUBLIC' } as const;
  const posts = Array.from({ length: 55 }, () => newPost(newId(), draft));
  await world.db.batchWrite(testContext(), postsTable, { put: posts.map((post) => ({ ...toItem(post), media: [] })) });
  const kept = posts.map(({ postId }) => postId);
  const [deleted, diary, unknown] = [await publish(author), await publish(author, PRIVATE), newId()];
  await world.posts.deletePost(asUser(author), { postId: deleted });
  const before = await handledYet();
  await view(testContext(), [deleted, diary, unknown]);
  await view(testContext(), [unknown, diary, ...kept, deleted, ...Array.from({ length: 42 }, () => newId())]);
  await handled(before + 2);
  expect(await viewsOf(kept)).toEqual(kept.map(() => 1));
  const rows = await world.db.batchGet(testContext(), postsTable, [deleted, diary, unknown].map(keys.counts));
  expect(rows).toEqual([undefined, undefined, undefined]);
});

test('more than a hundred posts, none, or what is no id are refused', async () => {
  for (const postIds of [[], Array.from({ length: 101 }, () => newId()), ['tea']])
    expect(await refusalOf(view(testContext(), postIds))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD' });
});

test('with the graph away views are counted at once; what trends waits for its answer', async () => {
  const postId = await publish(world.person());
  world.peers.away.graph = true;
  const before = await handledYet();
  await view(testContext(), [postId]);
  await eventually(async () => {
    const [row] = await world.db.batchGet(testContext(), postsTable, [keys.counts(postId)]);
    expect(Number(row?.['views'])).toBe(1);
  }, PATIENCE);
  world.peers.away.graph = false;
  await handled(before + 1);
  expect(await viewsOf([postId])).toEqual([1]);
});

const publish = async (author: string, visibility?: 1 | 3): Promise<string> =>
  (await world.publish(author, 'look', visibility ? { visibility } : {})).postId;

const view = (ctx: ReturnType<typeof asUser>, postIds: string[], requestId = newId()) =>
  world.posts.recordPostViews(ctx, { postIds, requestId });

/** As the posts say themselves. */
const viewsOf = async (ids: readonly string[]): Promise<number[]> => {
  const looks = await createPostReader({ db: world.db }).look(testContext(), ids, '');
  return looks.map((look) => look!.counts.views);
};

/** Flushes that were settled so far. */
const handledYet = async (): Promise<number> => {
  const consumed = await world.metric('events_consumed_total', worker);
  return consumed['{durable="feed-count-views",result="handled"}'] ?? 0;
};

const handled = (count: number) => eventually(async () => expect(await handledYet()).toBeGreaterThanOrEqual(count), PATIENCE);
