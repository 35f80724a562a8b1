import { newId } from '@plaza/core';
import { asAdmin, asService, asUser, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { graph as graphTable, keys } from '../src/store/table.ts';
import { people, startWorld, type World } from './world.ts';

let world: World;
const author = newId();
/** The latest follower last; followers come in any order of ids. */
const fans = people(1_103).toSorted((a, b) => (a.slice(-4) < b.slice(-4) ? -1 : 1));
const newest = fans.toReversed();
const EPOCH = 1_700_000_000_000;
beforeAll(async () => {
  world = await startWorld();
  const rows = fans.map((fan, i) => ({ ...keys.follower(author, EPOCH + i, fan), at: EPOCH + i }));
  await world.app.db.batchWrite(testContext({ timeoutMs: 30_000 }), graphTable, { put: rows });
});
afterAll(() => world?.close());

test('followers are listed whole, newest first, each once, whatever the page size', async () => {
  for (const pageSize of [100, 37]) {
    const seen: string[] = [];
    let pageToken = '';
    do {
      const page = await world.graph.listFollowers(testContext(), { userId: author, pageSize, pageToken });
      expect(page.followers.length).toBeLessThanOrEqual(pageSize);
      seen.push(...page.followers.map(({ userId }) => userId));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(seen).toEqual(newest);
  }
});

test('both lists begin with the latest follow, and tell when it was', async () => {
  const [me, first, second] = people(3) as [string, string, string];
  for (const followeeId of [first, second]) await world.graph.follow(asUser(me, 30_000), { followerId: me, followeeId });
  const { following } = await world.graph.listFollowing(asUser(me), { userId: me });
  expect(following.map(({ userId }) => userId)).toEqual([second, first]);
  const { followers } = await world.graph.listFollowers(testContext(), { userId: first });
  expect(followers).toEqual([{ userId: me, followTime: following[1]!.followTime }]);
  expect(Date.now() - following[1]!.followTime!.getTime()).toBeLessThan(60_000);
});

test('who joins while a list is read does not shift its pages', async () => {
  const [owner, ...early] = people(5) as [string, ...string[]];
  for (const followerId of early) await world.graph.follow(asUser(followerId, 30_000), { followerId, followeeId: owner });
  const page = (pageToken = '') => world.graph.listFollowers(testContext(), { userId: owner, pageSize: 2, pageToken });
  const first = await page();
  const [late] = people(1) as [string];
  await world.graph.follow(asUser(late, 30_000), { followerId: late, followeeId: owner });
  const rest = await page(first.nextPageToken);
  expect([...first.followers, ...rest.followers].map(({ userId }) => userId)).toEqual(early.toReversed());
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
  expect(await using(nextPageToken)).toMatchObject({ followers: newest.slice(20, 40).map((userId) => ({ userId })) });
});

test('page sizes that make no sense are refused by name', async () => {
  for (const pageSize of [-1, 101])
    await expect(world.graph.listFollowers(testContext(), { userId: author, pageSize })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'INVALID_FIELD',
      details: { violations: [{ field: 'page_size' }] },
    });
});

test('requests, blocks and mutes are listed to their owner, newest first', async () => {
  const [me, ...others] = people(4) as [string, ...string[]];
  await world.stand(me, { isPrivate: true });
  const at = (i: number) => EPOCH + i;
  await world.app.db.batchWrite(testContext(), graphTable, {
    put: others.flatMap((other, i) => [
      { ...keys.requester(me, at(i), other), at: at(i) },
      { ...keys.block(me, at(i), other), at: at(i) },
      { ...keys.mute(me, at(i), other), at: at(i), scope: i === 0 ? 'REPOSTS' : 'ALL' },
    ]),
  });
  const latest = others.toReversed();
  const { requests } = await world.graph.listFollowRequests(asUser(me), { userId: me });
  expect(requests).toEqual(latest.map((followerId, i) => ({ followerId, requestTime: new Date(at(2 - i)) })));
  const { blocks } = await world.graph.listBlocks(asUser(me), { userId: me });
  expect(blocks).toEqual(latest.map((userId, i) => ({ userId, blockTime: new Date(at(2 - i)) })));
  const { mutes, nextPageToken } = await world.graph.listMutes(asAdmin(), { userId: me, pageSize: 2 });
  expect(mutes.map(({ userId, scope }) => [userId, scope])).toEqual([
    [latest[0], 1],
    [latest[1], 1],
  ]);
  const rest = await world.graph.listMutes(asAdmin(), { userId: me, pageSize: 2, pageToken: nextPageToken });
  expect(rest).toMatchObject({ mutes: [{ userId: latest[2], scope: 2 }], nextPageToken: '' });
});

const streamed = async (resumeToken = '', authorId = author) => {
  const chunks: { followerIds: string[]; resumeToken: string }[] = [];
  for await (const chunk of world.graph.streamFollowers(asService('feed'), { authorId, resumeToken })) chunks.push(chunk);
  return chunks;
};

test('the stream brings all followers, the oldest first, in chunks of 500, and goes on from any of its tokens', async () => {
  const chunks = await streamed();
  expect(chunks.map(({ followerIds }) => followerIds.length)).toEqual([500, 500, 103]);
  expect(chunks.flatMap(({ followerIds }) => followerIds)).toEqual(fans);
  const rest = await streamed(chunks[0]!.resumeToken);
  expect(rest.flatMap(({ followerIds }) => followerIds)).toEqual(fans.slice(500));
  expect(await streamed(chunks[2]!.resumeToken)).toEqual([]);
  await expect(streamed(chunks[0]!.resumeToken, newId())).rejects.toMatchObject({ reason: 'PAGE_TOKEN_INVALID' });
});

test('whom one follows is streamed the same way', async () => {
  const me = newId();
  const followees = people(501);
  const put = followees.map((followee, i) => ({ ...keys.followee(me, EPOCH + i, followee), at: EPOCH + i }));
  await world.app.db.batchWrite(testContext({ timeoutMs: 30_000 }), graphTable, { put });
  const read = async (resumeToken = '') => {
    const chunks: { followeeIds: string[]; resumeToken: string }[] = [];
    for await (const chunk of world.graph.streamFollowing(asService('feed'), { followerId: me, resumeToken })) chunks.push(chunk);
    return chunks;
  };
  const chunks = await read();
  expect(chunks.map(({ followeeIds }) => followeeIds)).toEqual([followees.slice(0, 500), followees.slice(500)]);
  expect(await read(chunks[0]!.resumeToken)).toEqual([chunks[1]]);
});

test('a listener who leaves the stream is not waited for', async () => {
  for await (const { followerIds } of world.graph.streamFollowers(asService('feed'), { authorId: author })) {
    expect(followerIds).toHaveLength(500);
    break;
  }
  expect((await streamed()).flatMap(({ followerIds }) => followerIds)).toHaveLength(fans.length);
});
