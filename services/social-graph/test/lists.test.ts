import { newId } from '@plaza/core';
import { asService, asUser, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { graph as graphTable, keys } from '../src/store/table.ts';
import { people, startWorld, type World } from './world.ts';

let world: World;
const author = newId();
const fans = people(1_103).toSorted();
beforeAll(async () => {
  world = await startWorld();
  const rows = fans.map((fan) => ({ ...keys.follower(author, fan), version: 1, followedAt: 1_700_000_000_000 }));
  await world.app.db.batchWrite(testContext({ timeoutMs: 30_000 }), graphTable, { put: rows });
});
afterAll(() => world.close());

test('followers are listed whole, each once, whatever the page size', async () => {
  for (const pageSize of [100, 37]) {
    const seen: string[] = [];
    let pageToken = '';
    do {
      const page = await world.graph.listFollowers(testContext(), { userId: author, pageSize, pageToken });
      expect(page.followers.length).toBeLessThanOrEqual(pageSize);
      seen.push(...page.followers.map(({ userId }) => userId));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(seen).toEqual(fans);
  }
});

test('a page is twenty unless said otherwise; of nobody it is empty', async () => {
  expect((await world.graph.listFollowers(testContext(), { userId: author })).followers).toHaveLength(20);
  expect(await world.graph.listFollowing(testContext(), { userId: author })).toEqual({ following: [], nextPageToken: '' });
});

test('a page token is good for its method, caller and filter only, and for nobody once tampered with', async () => {
  const { nextPageToken } = await world.graph.listFollowers(testContext(), { userId: author });
  const invalid = { code: 'INVALID_ARGUMENT', reason: 'PAGE_TOKEN_INVALID' };
  const using = (pageToken: string, userId = author, ctx = testContext()) =>
    world.graph.listFollowers(ctx, { userId, pageToken }).catch((error: unknown) => error);
  expect(await using(nextPageToken, newId())).toMatchObject(invalid);
  expect(await using(nextPageToken, author, asUser(newId()))).toMatchObject(invalid);
  expect(await using(nextPageToken.slice(0, -2))).toMatchObject(invalid);
  expect(await using(`${nextPageToken[0] === 'A' ? 'B' : 'A'}${nextPageToken.slice(1)}`)).toMatchObject(invalid);
  expect(await using('nonsense')).toMatchObject(invalid);
  await expect(world.graph.listFollowing(testContext(), { userId: author, pageToken: nextPageToken })).rejects.toMatchObject(
    invalid,
  );
  expect(await using(nextPageToken)).toMatchObject({ followers: fans.slice(20, 40).map((userId) => ({ userId })) });
});

const streamed = async (after: string) => {
  const chunks: string[][] = [];
  for await (const { followerIds } of world.graph.streamFollowers(asService('feed'), { authorId: author, after }))
    chunks.push(followerIds);
  return chunks;
};

test('the stream brings all followers, ascending, in chunks of 500, from wherever it was left', async () => {
  const chunks = await streamed('');
  expect(chunks.map(({ length }) => length)).toEqual([500, 500, 103]);
  expect(chunks.flat()).toEqual(fans);
  expect((await streamed(fans[599]!)).flat()).toEqual(fans.slice(600));
  expect(await streamed(fans.at(-1)!)).toEqual([]);
});

test('a listener who leaves the stream is not waited for', async () => {
  for await (const { followerIds } of world.graph.streamFollowers(asService('feed'), { authorId: author })) {
    expect(followerIds).toHaveLength(500);
    break;
  }
  expect((await streamed('')).flat()).toHaveLength(fans.length);
});
