import { newId } from '@plaza/core';
import { fanOutChunk, userErasureRequested } from '@plaza/events';
import { asAdmin, asUser, eventually, startEventSource, testContext, type EventSource } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { keys, postsTable } from '../src/store/table.ts';
import { idsOf, refusalOf, startWorld, type World } from './world.ts';

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

test('of an erased author no text is left, and the posts are gone from every feed', async () => {
  const { author, fan, other, posts, kept } = await acquaintances();
  await world.edit({ postId: posts[0]!, authorId: author }, { text: 'my secret, said better' });
  await erase(author);
  const [report] = await reportsOf(author, 1);
  expect(report).toMatchObject({
    erased: [
      { kind: 'posts', count: 2n },
      { kind: 'feed_rows', count: 3n },
      { kind: 'likes', count: 0n },
      { kind: 'reposts', count: 0n },
      { kind: 'bookmarks', count: 0n },
      { kind: 'stories', count: 0n },
      { kind: 'saves', count: 0n },
    ],
  });
  for (const postId of posts) {
    expect(await refusalOf(world.posts.getPost(asUser(fan), { postId }))).toMatchObject({ reason: 'POST_NOT_FOUND' });
    const { items } = await world.db.query(testContext(), postsTable, { pk: keys.post(postId).pk });
    expect(items.map(({ sk }) => sk)).toEqual(['META']);
    expect(JSON.stringify(items)).not.toContain('my secret');
  }
  expect((await world.posts.listPosts(asUser(fan), { authorId: author })).posts).toEqual([]);
  expect(await world.rowsOf(author)).toEqual([]);
  expect(idsOf(await world.readFeed(fan))).toEqual([kept.postId]);
  // Deleted posts are swept from the feeds that have them.
  await eventually(async () => expect(await world.rowsOf(fan)).toEqual([kept.postId]), { timeoutMs: 20_000 });
  expect(idsOf(await world.readFeed(other))).toEqual([kept.postId]);
});

test('events that come late bring nothing back, neither for the erased nor of them; nor does a second delivery', async () => {
  const { author, fan, other, posts } = await acquaintances();
  const event = await erase(author);
  const [first] = await reportsOf(author, 1);
  await eventually(async () => expect(await world.rowsOf(fan)).not.toContain(posts[0]), { timeoutMs: 20_000 });

  const { postId } = await world.publish(other);
  await world.events.followed(author, other);
  await world.events.imported(author, [other, fan]);
  const chunk = { entry: postId, sourceId: other, chunk: 0, viewerIds: [author, fan], remove: false, planId: newId() };
  await world.events.bus.enqueue(fanOutChunk, chunk, { id: newId() });
  await world.events.bus.enqueue(fanOutChunk, { ...chunk, entry: posts[0]!, sourceId: author }, { id: newId() });
  await userEvents.replay(event);
  expect((await reportsOf(author, 2))[1]).toEqual(first);
  await eventually(async () => expect(await world.rowsOf(fan)).toContain(postId), { timeoutMs: 20_000 });
  await settled(fan, other);
  // A delivery takes back behind its write what is for somebody erased; others may be done before it.
  await eventually(async () => expect(await world.rowsOf(author)).toEqual([]), { timeoutMs: 20_000 });
  expect(await world.rowsOf(fan)).not.toContain(posts[0]);
  // Nor does the graph know whom they followed.
  world.edge(author).clear();
  expect(idsOf(await world.readFeed(author, 20, () => asAdmin()))).toEqual([]);
});

test('a report that does not get through is repeated', async () => {
  const nobody = newId();
  world.peers.away.user = true;
  await erase(nobody);
  await eventually(
    async () => expect(await world.db.get(testContext(), postsTable, keys.erasure(nobody))).toHaveProperty('doneAt'),
    { timeoutMs: 20_000 },
  );
  world.peers.away.user = false;
  expect((await reportsOf(nobody, 1))[0]!.erased.map(({ count }) => Number(count))).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

/** An author with two posts, who follows another; a fan of both. All of it delivered. */
const acquaintances = async () => {
  const [author, fan, other] = [world.person(), world.person(), world.person()];
  world.edge(fan).add(author).add(other);
  world.edge(author).add(other);
  await world.awake(author, fan, other);
  const posts = [(await world.publish(author, 'my secret')).postId, (await world.publish(author, 'my secret too')).postId];
  const kept = await world.publish(other);
  await eventually(
    async () => {
      expect(await world.rowsOf(fan)).toHaveLength(3);
      expect(await world.rowsOf(author)).toHaveLength(3);
    },
    { timeoutMs: 20_000 },
  );
  return { author, fan, other, posts, kept };
};

/** What was queued before is done when a later post has arrived. */
const settled = async (fan: string, author: string) => {
  const { postId } = await world.publish(author);
  await eventually(async () => expect(await world.rowsOf(fan)).toContain(postId), { timeoutMs: 20_000 });
};

const erase = (userId: string) => userEvents.publish(userErasureRequested, { userId, deleteTime: new Date(Date.now() - 60_000) });

const reportsOf = (userId: string, count: number) =>
  eventually(
    () => {
      const reports = world.peers.reports.filter((report) => report.userId === userId);
      expect(reports).toHaveLength(count);
      return reports;
    },
    { timeoutMs: 30_000 },
  );
