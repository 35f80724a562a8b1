import { firstIdAt } from '@plaza/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { CHUNK_VIEWERS, chunksOf, rowEnd, FEED_WINDOW_MS, followersFor, windowStart } from './fan-out.ts';
import { isComplete } from './receipt.ts';

async function* pages(ids: readonly string[], size: number) {
  for (let i = 0; i < ids.length; i += size) yield ids.slice(i, i + size);
}

const collect = async <T>(values: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
};

test('chunks hold the author first, then every follower once, and only the last may be short', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1800), fc.integer({ min: 1, max: 700 }), async (followers, pageSize) => {
      const ids = Array.from({ length: followers }, (_, i) => `f${i}`);
      const chunks = await collect(chunksOf(['author'], pages(ids, pageSize)));
      expect(chunks.flat()).toEqual(['author', ...ids]);
      for (const chunk of chunks.slice(0, -1)) expect(chunk).toHaveLength(CHUNK_VIEWERS);
      expect(chunks.at(-1)?.length).toBeGreaterThan(0);
    }),
    { numRuns: 50 },
  );
});

test('an author who is listed among the followers gets one row', async () => {
  expect(await collect(chunksOf(['author'], pages(['a', 'author', 'b'], 2)))).toEqual([['author', 'a', 'b']]);
});

test('nobody is asked who follows the author of a private post', async () => {
  const asked = () => {
    throw new Error('asked');
  };
  expect(await collect(chunksOf(['author'], followersFor(true, asked)))).toEqual([['author']]);
});

test('a row lives a little longer than the window reaches back', () => {
  const now = 1_800_000_000_000;
  expect(rowEnd(windowStart(now))).toBe(now + 3_600_000);
  expect(rowEnd(firstIdAt(now))).toBe(now + FEED_WINDOW_MS + 3_600_000);
});

test('a fan-out is complete when every chunk of its plan is done', () => {
  expect(isComplete(undefined)).toBe(false);
  expect(isComplete({ chunks: 2, done: new Set([1]) })).toBe(false);
  expect(isComplete({ chunks: 2, done: new Set([0, 1]) })).toBe(true);
});
