import { userErasureRequested } from '@plaza/events';
import { asUser, eventually, startEventSource, testContext, type EventSource } from '@plaza/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { keys, postsTable } from '../src/store/table.ts';
import { refusalOf, startWorld, type World } from './world.ts';

const FOLLOWERS = 2;
const NOT_FOUND = { code: 'NOT_FOUND', reason: 'POST_NOT_FOUND' };
const UNKNOWN = { code: 'UNAVAILABLE', reason: 'VISIBILITY_UNKNOWN' };

let world: World;
let userEvents: EventSource;
beforeAll(async () => {
  world = await startWorld();
  const { natsUrl, namespace } = world.config;
  userEvents = startEventSource({ natsUrl, namespace, owner: 'user' });
});
afterAll(async () => {
  await userEvents?.close();
  await world?.close();
});
beforeEach(() => {
  Object.assign(world.peers.away, { user: false, product: false, graph: false });
});

const like = (userId: string, postId: string) => world.posts.like(asUser(userId), { userId, postId });
const keep = (userId: string, postId: string) => world.posts.bookmark(asUser(userId), { userId, postId });

/** All pages of a list, and how many there were. */
const allOf = async <T>(page: (pageToken: string) => Promise<{ items: T[]; nextPageToken: string }>) => {
  const all: T[] = [];
  for (let pages = 1, pageToken = ''; ; pages++) {
    const { items, nextPageToken } = await page(pageToken);
    all.push(...items);
    if (nextPageToken === '') return { all, pages };
    pageToken = nextPageToken;
  }
};

const likersOf = (ctx: () => ReturnType<typeof testContext>, postId: string, pageSize = 0) =>
  allOf(async (pageToken) => {
    const { likes, nextPageToken } = await world.posts.listLikes(ctx(), { postId, pageSize, pageToken });
    return { items: likes.map(({ user }) => user!.userId), nextPageToken };
  });

const bookmarksOf = (userId: string, pageSize = 0) =>
  allOf(async (pageToken) => {
    const { posts, nextPageToken } = await world.posts.listBookmarks(asUser(userId), { userId, pageSize, pageToken });
    return { items: posts.map(({ postId }) => postId), nextPageToken };
  });

describe('ListLikes', () => {
  test('shows the last first, page by page, each with name and time; whoever took it back is not among them', async () => {
    const [author, ...fans] = world.people(6) as [string, ...string[]];
    const { postId } = await world.publish(author);
    const times: (Date | undefined)[] = [];
    for (const fan of fans) times.push((await like(fan, postId)).likeTime);
    await world.posts.unlike(asUser(fans[1]!), { userId: fans[1]!, postId });
    const expected = [fans[4], fans[3], fans[2], fans[0]];
    expect((await likersOf(() => asUser(author), postId)).all).toEqual(expected);
    expect(await likersOf(() => testContext(), postId, 2)).toEqual({ all: expected, pages: 2 });
    expect((await world.posts.listLikes(asUser(author), { postId, pageSize: 1 })).likes).toEqual([
      { user: { userId: fans[4], username: 'person5', displayName: 'The person5' }, likeTime: times[4] },
    ]);
    world.peers.away.user = true;
    const { likes } = await world.posts.listLikes(asUser(author), { postId, pageSize: 1 });
    expect(likes[0]!.user).toEqual({ userId: fans[4], username: '', displayName: '' });
  });

  test('leaves out whom the caller may not see, though never the caller; nobody is shown while that cannot be told', async () => {
    const [author, shown, hidden, muted] = world.people(4) as [string, string, string, string];
    const { postId } = await world.publish(author);
    for (const fan of [shown, hidden, muted]) await like(fan, postId);
    for (const viewer of [author, '', hidden]) world.peers.hidden.add(`${viewer} ${hidden}`);
    world.peers.muted.add(`${author} ${muted}`);
    expect((await likersOf(() => asUser(author), postId, 1)).all).toEqual([muted, shown]);
    expect((await likersOf(() => testContext(), postId)).all).toEqual([muted, shown]);
    expect((await likersOf(() => asUser(hidden), postId)).all).toEqual([muted, hidden, shown]);
    world.peers.away.graph = true;
    expect(await refusalOf(likersOf(() => asUser(author), postId))).toMatchObject(UNKNOWN);
  });

  test('of a post that the caller may not see there is none; a token is good for its own list alone', async () => {
    const [author, fan, stranger] = world.people(3) as [string, string, string];
    world.edge(fan).add(author);
    const { postId } = await world.publish(author, 'friends', { visibility: FOLLOWERS });
    const other = await world.publish(author);
    for (const who of [fan, author]) await like(who, postId);
    expect((await likersOf(() => asUser(fan), postId)).all).toEqual([author, fan]);
    expect(await refusalOf(likersOf(() => asUser(stranger), postId))).toMatchObject(NOT_FOUND);
    expect(await refusalOf(likersOf(() => testContext(), postId))).toMatchObject(NOT_FOUND);
    const { nextPageToken } = await world.posts.listLikes(asUser(fan), { postId, pageSize: 1 });
    expect(nextPageToken).not.toBe('');
    const elsewhere = { postId: other.postId, pageToken: nextPageToken };
    expect(await refusalOf(world.posts.listLikes(asUser(fan), elsewhere))).toMatchObject({ reason: 'PAGE_TOKEN_INVALID' });
    await world.posts.deletePost(asUser(author), { postId });
    expect(await refusalOf(likersOf(() => asUser(fan), postId))).toMatchObject(NOT_FOUND);
  });
});

describe('ListBookmarks', () => {
  test('shows what was kept last first, as it is now; what can no longer be seen is left out and comes back', async () => {
    const [author, fan] = world.people(2) as [string, string];
    world.edge(fan).add(author);
    const made: string[] = [];
    for (let i = 0; i < 5; i++)
      made.push((await world.publish(author, `post ${i}`, { visibility: i === 3 ? FOLLOWERS : 1 })).postId);
    // In another order than they were written.
    const order = [2, 0, 4, 1, 3].map((i) => made[i]!);
    for (const postId of order) await keep(fan, postId);
    const newest = order.toReversed();
    expect((await bookmarksOf(fan)).all).toEqual(newest);
    expect((await bookmarksOf(fan, 2)).all).toEqual(newest);
    await world.posts.deletePost(asUser(author), { postId: made[4]! });
    world.edge(fan).delete(author);
    expect((await bookmarksOf(fan, 2)).all).toEqual([1, 0, 2].map((i) => made[i]));
    world.edge(fan).add(author);
    expect((await bookmarksOf(fan)).all).toEqual([3, 1, 0, 2].map((i) => made[i]));
    expect((await world.posts.listBookmarks(asUser(fan), { userId: fan, pageSize: 1 })).posts).toMatchObject([
      { postId: made[3], text: 'post 3', viewer: { bookmarked: true } },
    ]);
    world.peers.hidden.add(`${fan} ${author}`);
    expect((await bookmarksOf(fan)).all).toEqual([]);
    world.peers.away.graph = true;
    expect(await refusalOf(bookmarksOf(fan))).toMatchObject(UNKNOWN);
  });

  test("are nobody else's business", async () => {
    const [author, fan] = world.people(2) as [string, string];
    const { postId } = await world.publish(author);
    await keep(fan, postId);
    expect((await bookmarksOf(author)).all).toEqual([]);
    const foreign = world.posts.listBookmarks(asUser(author), { userId: fan });
    expect(await refusalOf(foreign)).toMatchObject({ code: 'PERMISSION_DENIED' });
  });
});

test('of who is erased no like, repost or bookmark is left, counts follow, and a call that is still in flight does nothing', async () => {
  const [author, fan, other] = world.people(3) as [string, string, string];
  const posts = await Promise.all(Array.from({ length: 20 }, () => world.publish(author)));
  await Promise.all(posts.map(({ postId }) => like(fan, postId)));
  const [postId, second] = posts.map((post) => post.postId) as [string, string];
  await Promise.all([
    keep(fan, postId),
    world.posts.repost(asUser(fan), { userId: fan, postId }),
    world.posts.repost(asUser(fan), { userId: fan, postId: second }),
    like(other, postId),
  ]);
  const counts = async () => (await world.posts.getPost(asUser(author), { postId })).post!.counts;
  await eventually(async () => expect(await counts()).toMatchObject({ likes: 2n, reposts: 1n }));
  await userEvents.publish(userErasureRequested, { userId: fan, deleteTime: new Date(Date.now() - 60_000) });
  const report = await eventually(
    () => {
      const found = world.peers.reports.find(({ userId }) => userId === fan);
      expect(found).toBeDefined();
      return found!;
    },
    { timeoutMs: 20_000 },
  );
  expect(Object.fromEntries(report.erased.map(({ kind, count }) => [kind, Number(count)]))).toMatchObject({
    likes: 20,
    reposts: 2,
    bookmarks: 1,
  });
  await eventually(async () => expect(await counts()).toMatchObject({ likes: 1n, reposts: 0n }), { timeoutMs: 20_000 });
  expect((await likersOf(() => asUser(author), postId)).all).toEqual([other]);
  expect((await bookmarksOf(fan)).all).toEqual([]);
  expect(await refusalOf(like(fan, postId))).toMatchObject(NOT_FOUND);
  expect(await refusalOf(keep(fan, postId))).toMatchObject(NOT_FOUND);
  expect(await world.db.get(testContext(), postsTable, keys.mine(fan, postId))).toBeUndefined();
});
