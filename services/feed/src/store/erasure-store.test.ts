import { connectRedis, createTimeline } from '@plaza/cache';
import { mutationOf, newId, noMetrics, silentLog } from '@plaza/core';
import { createMemoryDb, createOutboxStore, type Faults } from '@plaza/dynamo';
import { postDeleted } from '@plaza/events';
import { asUser, testContext } from '@plaza/testing';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';

import { editOf, MAX_EDITS } from '../domain/posts/edit.ts';
import { isDeleted, type Post } from '../domain/posts/post.ts';
import { createDelivery } from './home/delivery.ts';
import { createErasureStore, type ErasureStore } from './erasure-store.ts';
import { createHeadGeneration } from './home/head-generation.ts';
import { createHomeFeedStore } from './home/home-feed-store.ts';
import { createListReader } from './posts/list-reader.ts';
import { createPublicDays } from './posts/public-days.ts';
import { createPostReader } from './posts/post-reader.ts';
import { createPostEditor } from './posts/post-editor.ts';
import { createPostWriter } from './posts/post-writer.ts';
import { createRevisionStore } from './posts/revision-store.ts';
import { homeFeedTable, keys, postsTable, shardsOf } from './table.ts';

/** Nobody here liked anything: that has tests of its own. */
const NOTHING = { likes: 0, reposts: 0, bookmarks: 0, notifications: 0, stories: 0, saves: 0 };
const POSTS = 70;
/** More than two transactions take out. */
const ROWS = 200;
const DEATH = new Error('the process died here');

/** Heads that are always cold: what is tested here are the tables. */
const redis = connectRedis({ owner: 'feed', url: 'redis://127.0.0.1:1', log: silentLog, metrics: noMetrics });
afterAll(() => redis.close());

test('wherever it breaks off, the next try finishes the rest, and what is counted is exact', { timeout: 120_000 }, async () => {
  for (let survived = 0, whole = false; !whole; survived++) {
    let commands = Number.POSITIVE_INFINITY;
    const { erasures, person, posts, told, rowsOf, lastOf } = await world(() => {
      if (commands-- <= 0) throw DEATH;
      return undefined;
    });
    const run = () => eraseAll(erasures, person);
    commands = survived;
    whole = await run().then(
      () => true,
      (error: unknown) => {
        expect(error).toBe(DEATH);
        return false;
      },
    );
    commands = Number.POSITIVE_INFINITY;
    expect(await run()).toEqual({ ...NOTHING, posts: POSTS, feedRows: ROWS });
    expect(await erasures.finished(testContext(), person)).toEqual({ ...NOTHING, posts: POSTS, feedRows: ROWS });
    for (const post of await posts()) expect(isDeleted(post!) && !('text' in post)).toBe(true);
    expect(await told()).toBe(POSTS);
    expect([await rowsOf(person), await lastOf(person)]).toEqual([[], undefined]);
  }
});

test('two erasures at once count every post and every row once', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      let racing = false;
      const { erasures, person, rowsOf } = await world(async ({ verb }) => {
        if (racing) await scheduler.schedule(Promise.resolve(), verb);
        return undefined;
      });
      racing = true;
      await scheduler.waitFor(Promise.all([eraseAll(erasures, person), eraseAll(erasures, person)]));
      racing = false;
      expect(await erasures.finished(testContext(), person)).toEqual({ ...NOTHING, posts: POSTS, feedRows: ROWS });
      expect(await rowsOf(person)).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test('posts with a long past are buried too, as many at once as one transaction takes, and counted exactly', async () => {
  const { db, erasures, person, ids, edit } = await world(undefined, 6);
  // The second and the third fill a transaction each.
  for (const [postId, edits] of [
    [ids[1]!, MAX_EDITS],
    [ids[2]!, MAX_EDITS],
    [ids[4]!, 2],
  ] as const)
    for (let n = 1; n <= edits; n++) await edit(postId, fullText(n), PRODUCTS[n % 2]!);
  expect(await eraseAll(erasures, person)).toEqual({ ...NOTHING, posts: 6, feedRows: ROWS });
  for (const postId of ids) {
    const { items } = await db.query(testContext(), postsTable, { pk: keys.post(postId).pk });
    expect(items.map(({ sk }) => sk)).toEqual(['META']);
    expect(JSON.stringify(items)).not.toContain('thoughts');
  }
  const lists = [
    ...TAGS.flat().flatMap((tag) => shardsOf('HASHTAG', tag)),
    ...PRODUCTS.flat().flatMap((id) => shardsOf('PRODUCT', id)),
  ];
  for (const pk of lists) expect((await db.query(testContext(), postsTable, { pk })).items).toEqual([]);
});

test('a delivery that races with the erasing of its viewer leaves no row, whatever is first', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      let live = false;
      const { erasures, deliver, person, rowsOf } = await world(async ({ verb }) => {
        if (live) await scheduler.schedule(Promise.resolve(), verb);
        return undefined;
      }, 0);
      live = true;
      const erase = async () => {
        await erasures.begin(testContext(), person);
        await erasures.eraseFeed(testContext(), person);
      };
      const rows = Array.from({ length: 3 }, () => ({ viewerId: person, entry: newId(), sourceId: newId() }));
      await scheduler.waitFor(Promise.all([erase(), ...rows.map((row) => deliver(testContext(), [row]))]));
      live = false;
      expect(await rowsOf(person)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('what comes for or of somebody erased is taken back, and others get theirs', async () => {
  const { erasures, deliver, person, rowsOf } = await world();
  await erasures.begin(testContext(), person);
  const [fan, author, postId] = [newId(), newId(), newId()];
  await deliver(testContext(), [
    { viewerId: fan, entry: newId(), sourceId: person },
    { viewerId: person, entry: postId, sourceId: author },
    { viewerId: fan, entry: postId, sourceId: author },
  ]);
  expect(await rowsOf(fan)).toEqual([postId]);
});

test('of few people or of many, only those who were erased are told, for longer than any event may come again', async () => {
  const { erasures, db, person } = await world(undefined, 0);
  await erasures.begin(testContext(), person);
  await erasures.begin(testContext(), newId());
  const strangers = Array.from({ length: 20 }, () => newId());
  for (const others of [[], strangers.slice(0, 3), strangers])
    expect(await erasures.erased(testContext(), new Set([...others, person]))).toEqual(new Set([person]));
  const mark = await db.get(testContext(), postsTable, keys.erasure(person));
  const days = (Number(mark!['expiresAt']) - Date.now() / 1000) / 86_400;
  expect(days).toBeCloseTo(8, 2);
});

/** Two sets of as many as a post takes: an edit from one to the other moves all rows. */
const TAGS = [0, 1].map((set) => Array.from({ length: 20 }, (_, i) => `tag${set}x${i}`));
const PRODUCTS = [0, 1].map(() => Array.from({ length: 10 }, () => newId()));
const fullText = (n: number) => `private thoughts, no. ${n} ${TAGS[n % 2]!.map((tag) => `#${tag}`).join(' ')}`;

const eraseAll = async (erasures: ErasureStore, person: string) => {
  await erasures.begin(testContext(), person);
  await erasures.erasePosts(testContext(), person);
  await erasures.eraseFeed(testContext(), person);
  return erasures.finish(testContext(), person);
};

const world = async (faults: Faults = () => undefined, count = POSTS) => {
  let live = false;
  const db = createMemoryDb({ faults: (call) => (live ? faults(call) : undefined) });
  const heads = createTimeline({ redis, namespace: newId(), name: 'home', cap: 500, ttlMs: 1_000 });
  const homeFeeds = createHomeFeedStore({ db, heads, generation: createHeadGeneration({ db }) });
  const reader = createPostReader({ db });
  const writer = createPostWriter({
    db,
    relay: { nudge: () => undefined },
    days: createPublicDays({ db }),
    newId,
    now: Date.now,
  });
  const lists = createListReader({ db, now: Date.now });
  const erasures = createErasureStore({ db, posts: reader, lists, homeFeeds, now: Date.now });
  const person = newId();
  const ctx = () => asUser(person);
  const draft = { authorId: person, text: 'private thoughts', media: [], productIds: [], visibility: 'PUBLIC' } as const;
  const ids: string[] = [];
  for (let i = 0; i < count; i++)
    ids.push((await writer.publish(ctx(), mutationOf(ctx(), newId(), {}), draft, async () => undefined)).postId);
  const editor = createPostEditor({
    db,
    posts: reader,
    revisions: createRevisionStore({ db }),
    relay: { nudge: () => undefined },
    days: createPublicDays({ db }),
  });
  const edit = (postId: string, text: string, productIds: readonly string[]) =>
    editor.edit(ctx(), mutationOf(ctx(), newId(), {}), postId, async (post) =>
      editOf(post as Post, ['text', 'product_ids'], { ...draft, text, productIds }, Date.now()),
    );
  await homeFeeds.addRows(
    testContext(),
    Array.from({ length: ROWS }, () => ({ viewerId: person, entry: newId(), sourceId: newId() })),
  );
  live = true;
  return {
    db,
    person,
    ids,
    edit,
    erasures,
    deliver: createDelivery({ homeFeeds, erasures }),
    posts: () => reader.getMany(testContext(), ids),
    /** How many posts the outbox tells to be deleted. */
    told: async () => {
      const outbox = createOutboxStore(db, postsTable);
      const rows = (await Promise.all([0, 1, 2, 3].map((shard) => outbox.pending(testContext(), shard, 10_000)))).flat();
      const gone = rows.filter(({ subject }) => subject === postDeleted.subject);
      return new Set(gone.map(({ aggregateId }) => aggregateId)).size;
    },
    rowsOf: async (viewerId: string) =>
      (await db.query(testContext(), homeFeedTable, { pk: viewerId })).items.map(({ sk }) => sk),
    lastOf: (authorId: string) => db.get(testContext(), postsTable, keys.authorLast(authorId)),
  };
};
