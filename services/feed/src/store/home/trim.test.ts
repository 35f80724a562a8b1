import { firstIdAt, newId } from '@plaza/core';
import { createMemoryDb, type Faults } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import { afterAll, expect, test } from 'vitest';

import { feedsInMemory, noRedis } from '../../../test/in-memory.ts';
import { FEED_ROWS } from '../../domain/home/reach.ts';
import { homeFeedTable, keys, postsTable } from '../table.ts';
import { createTrim } from './trim.ts';

const POSTS = FEED_ROWS + 150;
const DEATH = new Error('the process died here');

afterAll(() => noRedis.close());

test('a feed is cut to a thousand rows and reads as before; once more changes nothing', async () => {
  const { trim, read, rows, posts } = await feed();
  expect([await rows(), await read()]).toEqual([POSTS, posts]);
  await trim();
  expect([await rows(), await read()]).toEqual([FEED_ROWS, posts]);
  await trim();
  expect([await rows(), await read()]).toEqual([FEED_ROWS, posts]);
});

test('wherever it dies, the feed reads as before, and the next time finishes it', async () => {
  for (let writes = 1; writes < 3; writes++) {
    let left = writes;
    const { trim, read, rows, posts } = await feed(({ verb, method }) => {
      if (method === TRIMMING && (verb === 'write' || verb === 'transact') && --left === 0) throw DEATH;
      return undefined;
    });
    await expect(trim()).rejects.toBe(DEATH);
    expect(await read()).toEqual(posts);
    await trim();
    expect([await rows(), await read()]).toEqual([FEED_ROWS, posts]);
  }
});

test('a feed that wakes anew while it is cut loses no row any more', async () => {
  let meanwhile: (() => Promise<unknown>) | undefined;
  const { trim, rows, states, viewerId } = await feed(async ({ verb, method }) => {
    const happens = method === TRIMMING && verb === 'transact' ? meanwhile : undefined;
    if (happens) meanwhile = undefined;
    await happens?.();
    return undefined;
  });
  meanwhile = () => states.restart(testContext(), viewerId);
  await trim();
  expect(await rows()).toBe(POSTS);
});

test('who reads on while a feed is cut comes to its end', async () => {
  const { trim, read, posts } = await feed();
  expect(await read(trim)).toEqual(posts);
});

const TRIMMING = 'trimming';

/** Of somebody who follows nobody and has said very much. Newest first. */
const feed = async (faults: Faults = () => undefined) => {
  const viewerId = newId();
  const db = createMemoryDb({ faults });
  const { skeleton, states, homeFeeds } = feedsInMemory({ db });
  const posts = Array.from({ length: POSTS }, () => newId()).reverse();
  const at = { authorId: viewerId, visibility: 'PUBLIC' };
  const marks = [{ ...keys.authorLast(viewerId), lastId: posts[0]! }];
  await db.batchWrite(testContext(), postsTable, {
    put: [...marks, ...posts.map((postId) => ({ ...keys.authorPost(viewerId, postId), ...at }))],
  });
  const { epoch } = await states.wake(testContext(), viewerId);
  const entries = posts.map((entry) => ({ viewerId, entry, sourceId: viewerId }));
  await homeFeeds.addRows(testContext(), entries);
  await states.ready(testContext(), viewerId, epoch, '');
  await states.reachBack(testContext(), viewerId, firstIdAt(Date.now() - 60_000));
  const trim = createTrim({ db, states });
  return {
    posts,
    states,
    viewerId,
    trim: () => trim(testContext({ method: TRIMMING }), viewerId),
    /** `meanwhile`: after the first page. */
    read: async (meanwhile: () => Promise<void> = async () => undefined) => {
      const candidates = await skeleton.open(testContext(), viewerId);
      const ids: string[] = [];
      for (;;) {
        const { ids: more, more: goesOn } = await candidates.page(ids.at(-1), 100);
        ids.push(...more);
        if (!goesOn) return ids;
        if (ids.length === 100) await meanwhile();
      }
    },
    rows: () => db.count(testContext(), homeFeedTable, { pk: viewerId, sk: { gte: '0' } }),
  };
};
