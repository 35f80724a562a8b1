import { newId } from '@plaza/core';
import { createMemoryDb } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { newPost, type Draft, type Post } from '../../domain/posts/post.ts';
import { postsTable } from '../table.ts';
import { createListReader, PUBLIC_DAYS, type ReadList } from './list-reader.ts';
import { placeMoves } from './place-rows.ts';
import { createPublicDays } from './public-days.ts';

const DAY = 24 * 3_600_000;
const NOW = Date.UTC(2026, 10, 29, 12);

const draft = (text: string, visibility: Draft['visibility'] = 'PUBLIC'): Draft => ({
  authorId: 'author',
  text,
  media: [],
  productIds: ['product'],
  visibility,
});

/** Posts of these ages in milliseconds, in their lists. */
const written = async (ages: readonly number[], visibility: Draft['visibility'] = 'PUBLIC') => {
  const db = createMemoryDb();
  const days = createPublicDays({ db });
  const posts: Post[] = [];
  for (const age of ages) {
    const post = newPost(idAt(NOW - age), draft('#tea', visibility), { replyToPostId: 'parent', rootPostId: 'parent', depth: 1 });
    await days.note(testContext(), post);
    await db.transact(testContext(), placeMoves(undefined, post));
    posts.push(post);
  }
  return { db, posts, lists: createListReader({ db, now: () => NOW }) };
};

/** An id of a time in the past: ids of one process else only ascend. */
const idAt = (time: number): string => {
  const id = newId();
  let head = '';
  for (let rest = time, i = 0; i < 10; i++, rest = Math.floor(rest / 32))
    head = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[rest % 32]! + head;
  return head + id.slice(10);
};

const readAll = async (list: ReadList, size: number): Promise<string[]> => {
  const ids: string[] = [];
  for (;;) {
    const { rows, end } = await list(testContext(), ids.at(-1), size);
    expect(rows.length).toBeLessThanOrEqual(size);
    ids.push(...rows.map(({ id }) => id));
    if (end) return ids;
    expect(rows.length).toBeGreaterThan(0);
  }
};

const newestFirst = (posts: readonly Post[]): string[] =>
  posts
    .map(({ postId }) => postId)
    .sort()
    .toReversed();

const ages = fc.array(fc.integer({ min: 0, max: 45 * DAY }), { maxLength: 60 });

test('a list that is spread over partitions is read as one, newest first, each post once, whatever the page size', async () => {
  await fc.assert(
    fc.asyncProperty(ages, fc.integer({ min: 1, max: 25 }), async (all, size) => {
      const { posts, lists } = await written(all);
      for (const list of [
        lists.author('author'),
        lists.spread('HASHTAG', 'tea'),
        lists.spread('PRODUCT', 'product'),
        lists.spread('REPLIES', 'parent'),
      ])
        expect(await readAll(list, size)).toEqual(newestFirst(posts));
    }),
    { numRuns: 30 },
  );
});

test("everybody's posts are read over days, as far as 30 days back and no further", async () => {
  await fc.assert(
    fc.asyncProperty(ages, fc.integer({ min: 1, max: 25 }), async (all, size) => {
      const { posts, lists } = await written(all);
      const oldest = new Date(NOW - PUBLIC_DAYS * DAY).setUTCHours(0, 0, 0, 0);
      expect(await readAll(lists.everybody(), size)).toEqual(newestFirst(posts.filter(({ createdAt }) => createdAt >= oldest)));
    }),
    { numRuns: 30 },
  );
});

test('days without posts are not asked for', async () => {
  const { db } = await written([0, 29 * DAY]);
  let queries = 0;
  const lists = createListReader({ db: { ...db, query: (...of) => (queries++, db.query(...of)) }, now: () => NOW });
  expect((await lists.everybody()(testContext(), undefined, 20)).rows).toHaveLength(2);
  expect(queries).toBe(1 + 2 * 16);
});

test('a post for few eyes is in the lists of those that may meet it, a private one in none but its author’s', async () => {
  const followers = await written([0], 'FOLLOWERS');
  expect(await readAll(followers.lists.everybody(), 5)).toEqual([]);
  expect(await readAll(followers.lists.spread('HASHTAG', 'tea'), 5)).toHaveLength(1);
  const { db, lists } = await written([0], 'PRIVATE');
  expect(await readAll(lists.author('author'), 5)).toHaveLength(1);
  for (const of of ['HASHTAG', 'PRODUCT', 'REPLIES'] as const)
    for (const name of ['tea', 'product', 'parent']) expect(await readAll(lists.spread(of, name), 5)).toEqual([]);
  expect((await db.query(testContext(), postsTable, { pk: 'G#DAYS' })).items).toEqual([]);
});
