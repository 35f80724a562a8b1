import { newId } from '@plaza/core';
import { asAdmin, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { keys, postsTable } from '../src/store/table.ts';
import { refusalOf, startWorld, type World } from './world.ts';

const PUBLIC = 1;
const FOLLOWERS = 2;
const PRIVATE = 3;
const NOT_FOUND = { code: 'NOT_FOUND', reason: 'POST_NOT_FOUND', details: { domain: 'plaza.feed' } };
const UNKNOWN = { code: 'UNAVAILABLE', reason: 'VISIBILITY_UNKNOWN', details: { domain: 'plaza.feed' } };

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());
beforeEach(() => {
  Object.assign(world.peers.away, { user: false, product: false, graph: false });
});

const KINDS = [
  { begin: 'like', end: 'unlike', time: 'likeTime', flag: 'liked', count: 'likes' },
  { begin: 'repost', end: 'undoRepost', time: 'repostTime', flag: 'reposted', count: 'reposts' },
  { begin: 'bookmark', end: 'unbookmark', time: 'bookmarkTime', flag: 'bookmarked', count: undefined },
] as const;
type Kind = (typeof KINDS)[number];

const begin = async ({ begin: rpc, time }: Kind, userId: string, postId: string, requestId = ''): Promise<Date> => {
  const answer: object = await world.posts[rpc](asUser(userId), { userId, postId, requestId });
  return (answer as Record<string, Date>)[time]!;
};
const end = ({ end: rpc }: Kind, userId: string, postId: string, requestId = '') =>
  world.posts[rpc](asUser(userId), { userId, postId, requestId });

const read = async (userId: string, postId: string) => (await world.posts.getPost(asUser(userId), { postId })).post!;
const counted = (userId: string, postId: string, counts: object) =>
  eventually(async () => expect((await read(userId, postId)).counts).toMatchObject(counts));

/** How many events wait in a partition of the outbox, once it is 0. */
const published = (pk: string) =>
  eventually(async () => {
    const waiting = await world.db.count(testContext(), postsTable, { pk });
    expect(waiting).toBe(0);
    return waiting;
  });

describe.each(KINDS)('$begin', (kind) => {
  test('is done once, seen at once and taken back once; doing either twice is fine and changes nothing', async () => {
    const [author, fan] = world.people(2) as [string, string];
    const { postId } = await world.publish(author);
    const time = await begin(kind, fan, postId);
    expect(await begin(kind, fan, postId)).toEqual(time);
    expect((await read(fan, postId)).viewer).toMatchObject({ [kind.flag]: true });
    expect((await read(author, postId)).viewer).toEqual({ liked: false, reposted: false, bookmarked: false });
    if (kind.count) await counted(author, postId, { [kind.count]: 1n });
    await end(kind, fan, postId);
    await end(kind, fan, postId);
    expect((await read(fan, postId)).viewer).toMatchObject({ [kind.flag]: false });
    if (kind.count) await counted(author, postId, { [kind.count]: 0n });
    expect((await begin(kind, fan, postId)).getTime()).toBeGreaterThan(time.getTime());
  });

  test('a repeated request answers the first result and changes nothing, also when it was taken back or done again since', async () => {
    const [author, fan] = world.people(2) as [string, string];
    const { postId } = await world.publish(author);
    const [first, back, second] = [newId(), newId(), newId()];
    const times = await Promise.all(Array.from({ length: 4 }, () => begin(kind, fan, postId, first)));
    expect(new Set(times.map(Number)).size).toBe(1);
    // It stands already, which is remembered as well.
    expect(await begin(kind, fan, postId, second)).toEqual(times[0]);
    await end(kind, fan, postId, back);
    expect(await begin(kind, fan, postId, first)).toEqual(times[0]);
    expect(await begin(kind, fan, postId, second)).toEqual(times[0]);
    expect((await read(fan, postId)).viewer).toMatchObject({ [kind.flag]: false });
    await begin(kind, fan, postId);
    await end(kind, fan, postId, back);
    expect((await read(fan, postId)).viewer).toMatchObject({ [kind.flag]: true });
    const other = await world.publish(author);
    expect(await refusalOf(begin(kind, fan, other.postId, first))).toMatchObject({ reason: 'REQUEST_ID_REUSED' });
  });

  test('what cannot be seen is not there; whoever takes back is not asked what they can see', async () => {
    const [author, fan, blocked] = world.people(3) as [string, string, string];
    const [shown, secret, own] = [
      await world.publish(author),
      await world.publish(author, 'for friends', { visibility: FOLLOWERS }),
      await world.publish(author, 'mine', { visibility: PRIVATE }),
    ];
    world.peers.hidden.add(`${blocked} ${author}`);
    for (const [who, { postId }] of [
      [fan, { postId: newId() }],
      [fan, secret],
      [fan, own],
      [blocked, shown],
    ] as const) {
      expect(await refusalOf(begin(kind, who, postId))).toMatchObject(NOT_FOUND);
      await end(kind, who, postId);
    }
    await begin(kind, fan, shown.postId);
    if (kind.count) await counted(author, shown.postId, { [kind.count]: 1n });
    await world.posts.deletePost(asUser(author), { postId: shown.postId });
    expect(await refusalOf(begin(kind, fan, shown.postId))).toMatchObject(NOT_FOUND);
    await end(kind, fan, shown.postId);
    expect(await world.db.get(testContext(), postsTable, keys.mine(fan, shown.postId))).toBeUndefined();
    await eventually(async () => {
      const row = await world.db.get(testContext(), postsTable, keys.counts(shown.postId));
      expect(Number(row?.[kind.count ?? 'likes'] ?? 0)).toBe(0);
    });
  });

  test('nobody does it for somebody else, nor nobody at all', async () => {
    const [author, fan] = world.people(2) as [string, string];
    const { postId } = await world.publish(author);
    const foreign = { userId: author, postId };
    for (const rpc of [kind.begin, kind.end]) {
      expect(await refusalOf(world.posts[rpc](asUser(fan), foreign))).toMatchObject({ code: 'PERMISSION_DENIED' });
      expect(await refusalOf(world.posts[rpc](testContext(), foreign))).toMatchObject({ code: 'UNAUTHENTICATED' });
    }
  });
});

test('a like waits for the graph, but not the user service; taking it back waits for nobody', async () => {
  const [author, fan] = world.people(2) as [string, string];
  const [{ postId }, other] = [await world.publish(author), await world.publish(author)];
  world.peers.away.user = true;
  await begin(KINDS[0], fan, postId);
  world.peers.away.graph = true;
  expect(await refusalOf(begin(KINDS[0], fan, other.postId))).toMatchObject(UNKNOWN);
  await end(KINDS[0], fan, postId);
  expect(await world.db.get(testContext(), postsTable, keys.mine(fan, postId))).toBeUndefined();
  expect(await world.db.get(testContext(), postsTable, keys.mine(fan, other.postId))).toBeUndefined();
});

test('only what is PUBLIC is passed on, by its author too', async () => {
  const [author, friend] = world.people(2) as [string, string];
  world.edge(friend).add(author);
  const shown = await world.publish(author, 'all', { visibility: PUBLIC });
  const secret = await world.publish(author, 'friends', { visibility: FOLLOWERS });
  const own = await world.publish(author, 'me', { visibility: PRIVATE });
  await begin(KINDS[1], author, shown.postId);
  for (const [who, { postId }] of [
    [friend, secret],
    [author, secret],
    [author, own],
  ] as const)
    expect(await refusalOf(begin(KINDS[1], who, postId))).toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'REPOST_NOT_ALLOWED',
    });
  // Liking and keeping them is another matter.
  await begin(KINDS[0], friend, secret.postId);
  await begin(KINDS[2], author, own.postId);
});

test('what one has done with a post in one way does not depend on the others', async () => {
  const [author, fan] = world.people(2) as [string, string];
  const { postId } = await world.publish(author);
  await Promise.all(KINDS.map((kind) => begin(kind, fan, postId)));
  expect((await read(fan, postId)).viewer).toEqual({ liked: true, reposted: true, bookmarked: true });
  await Promise.all(KINDS.map((kind) => end(kind, fan, postId)));
  expect((await read(fan, postId)).viewer).toEqual({ liked: false, reposted: false, bookmarked: false });
  expect(await world.db.get(testContext(), postsTable, keys.mine(fan, postId))).toBeUndefined();
});

test('answers are counted unless they are PRIVATE, and no more when they are deleted', async () => {
  const [author, fan] = world.people(2) as [string, string];
  const { postId } = await world.publish(author);
  const answer = async (visibility: 1 | 2 | 3) =>
    (await world.posts.createPost(asUser(fan), { authorId: fan, text: 'so?', visibility, replyToPostId: postId })).post!.postId!;
  const open = await answer(PUBLIC);
  await answer(PRIVATE);
  await answer(FOLLOWERS);
  await counted(author, postId, { replies: 2n });
  await world.posts.deletePost(asUser(fan), { postId: open });
  await eventually(async () => expect((await read(author, postId)).counts).toMatchObject({ replies: 1n }));
});

describe('RepairPostCounts', () => {
  test('sets spoilt counts right, leaves views and what is right alone; a repetition answers the first', async () => {
    const [author, fan, other] = world.people(3) as [string, string, string];
    const { postId } = await world.publish(author);
    await Promise.all([begin(KINDS[0], fan, postId), begin(KINDS[0], other, postId), begin(KINDS[1], fan, postId)]);
    await counted(author, postId, { likes: 2n, reposts: 1n });
    const requestId = newId();
    const repair = (id = requestId) => world.posts.repairPostCounts(asAdmin(20_000), { postId, requestId: id });
    await eventually(async () => expect((await repair(newId())).moving).toBe(false));
    const row = keys.counts(postId);
    await world.db.batchWrite(testContext(), postsTable, { put: [{ ...row, likes: 77, reposts: -3, views: 5, moves: 9 }] });
    const right = { likes: 2n, reposts: 1n, replies: 0n, views: 5n };
    const repaired = {
      before: { likes: 77n, reposts: -3n, replies: 0n, views: 5n },
      after: right,
      moving: false,
    };
    expect(await repair()).toEqual(repaired);
    expect((await read(author, postId)).counts).toEqual(right);
    expect(await repair(newId())).toEqual({ before: right, after: right, moving: false });
    expect(await repair()).toEqual(repaired);
    // What is counted later is counted on top of it.
    await begin(KINDS[0], author, postId);
    await counted(author, postId, { ...right, likes: 3n });
  });

  test('leaves alone what still waits for a worker', async () => {
    const [author, fan] = world.people(2) as [string, string];
    const { postId } = await world.publish(author);
    await world.workers.pop()!.close();
    await begin(KINDS[0], fan, postId);
    const waiting = await Promise.all([0, 1, 2, 3].map((shard) => `OX#${shard}`).map(published));
    expect(waiting).toEqual([0, 0, 0, 0]);
    const repair = () => world.posts.repairPostCounts(asAdmin(20_000), { postId });
    expect(await repair()).toMatchObject({ after: { likes: 0n }, moving: true });
    world.workers.push(await world.newWorker());
    await counted(author, postId, { likes: 1n });
    await eventually(async () => expect(await repair()).toMatchObject({ after: { likes: 1n }, moving: false }));
  });

  test('is for admins, of posts that are or were', async () => {
    const author = world.person();
    const { postId } = await world.publish(author);
    expect(await refusalOf(world.posts.repairPostCounts(asUser(author), { postId }))).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    expect(await refusalOf(world.posts.repairPostCounts(asAdmin(), { postId: newId() }))).toMatchObject(NOT_FOUND);
  });
});
