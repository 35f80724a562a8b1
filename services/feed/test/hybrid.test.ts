import { newId } from '@plaza/core';
import { fanOutChunk } from '@plaza/events';
import { FeedState } from '@plaza/proto/plaza/feed/v1/feed_service';
import { asUser, eventually, startRedis, testContext, type Engine } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createModeStore } from '../src/store/home/mode-store.ts';
import { createReceiptStore } from '../src/store/home/receipt-store.ts';
import { keys, postsTable } from '../src/store/table.ts';
import { idsOf, refusalOf, startWorld, type World } from './world.ts';

let redis: Engine;
let world: World;
beforeAll(async () => {
  redis = await startRedis();
  const thresholds = {
    pull: { followers: 3, writesPerDay: 1_000_000 },
    push: { followers: 2, writesPerDay: 1_000_000 },
    overdueMs: 600_000,
  };
  world = await startWorld({ config: { redisUrl: redis.url }, thresholds });
});
afterAll(async () => {
  await world?.close();
  await redis?.stop();
});

const modeOf = async (userId: string) => (await createModeStore({ db: world.db }).get(testContext(), userId))?.mode;
const receiptOf = (entry: string) => createReceiptStore({ db: world.db }).get(testContext(), entry);
const becomes = async (viewerId: string, ids: readonly string[]) =>
  eventually(async () => expect(idsOf(await world.readFeed(viewerId, 3))).toEqual(ids), { timeoutMs: 20_000 });

/** Somebody with three followers who read, and whose posts are pulled by now. Newest first. */
const star = async () => {
  const author = world.person('star');
  const fans = world.people(3);
  for (const fan of fans) world.edge(fan).add(author);
  await world.awake(author, ...fans);
  const ids: string[] = [];
  await eventually(
    async () => {
      ids.unshift((await world.publish(author)).postId);
      await eventually(async () => expect(await receiptOf(ids[0]!)).toBeDefined());
      expect(await modeOf(author)).toBe('PULL');
    },
    { timeoutMs: 20_000, everyMs: 200 },
  );
  return { author, fans, ids };
};

test('a person with many followers comes to be pulled: nobody is written to, nobody asks who follows, and all feeds have the posts', async () => {
  const { author, fans, ids } = await star();
  const asked = world.peers.calls.streamFollowers;
  const { postId } = await world.publish(author);
  for (const viewer of [author, ...fans]) await becomes(viewer, [postId, ...ids]);
  expect(await world.rowsOf(author)).toContain(postId);
  expect(await world.rowsOf(fans[0]!)).not.toContain(postId);
  expect(world.peers.calls.streamFollowers).toBe(asked);
  await eventually(async () => expect(await receiptOf(postId)).toMatchObject({ pushed: 1, pulled: 3 }));
});

test('who follows, or wakes, while a person is pulled, pulls too; whoever unfollows does not', async () => {
  const { author, fans, ids } = await star();
  const [late, sleeper] = [world.person(), world.person()];
  await world.awake(late);
  await world.follow(late, author);
  await becomes(late, ids);
  world.edge(sleeper).add(author);
  await world.awake(sleeper);
  const { postId } = await world.publish(author);
  for (const viewer of [late, sleeper, ...fans]) await becomes(viewer, [postId, ...ids]);
  expect(await world.rowsOf(late)).toEqual([]);
  await world.unfollow(late, author);
  expect(await world.readFeed(late)).toEqual([]);
});

test('with fewer followers a person is pushed again, and nothing is missing meanwhile or after', async () => {
  const { author, fans, ids } = await star();
  for (const fan of fans.slice(1)) await world.unfollow(fan, author);
  const { postId } = await world.publish(author);
  await eventually(async () => expect(await modeOf(author)).toBe('PUSH'));
  await becomes(fans[0]!, [postId, ...ids]);
  await eventually(async () => expect(await world.rowsOf(fans[0]!)).toEqual([postId, ...ids]), { timeoutMs: 20_000 });
  const next = await world.publish(author);
  await becomes(fans[0]!, [next.postId, postId, ...ids]);
});

test('a deleted post is in no feed that pulls', async () => {
  const { author, fans, ids } = await star();
  await becomes(fans[0]!, ids);
  await world.posts.deletePost(asUser(author), { postId: ids[0]! });
  expect(idsOf(await world.readFeed(fans[0]!))).toEqual(ids.slice(1));
});

test('without the graph a feed that is being put together is not shown; with it, it is', async () => {
  const viewer = world.person();
  world.peers.away.graph = true;
  const read = () => world.feed.listHomeFeed(asUser(viewer), { viewerId: viewer });
  expect(await refusalOf(read())).toMatchObject({ code: 'UNAVAILABLE', reason: 'VISIBILITY_UNKNOWN' });
  world.peers.away.graph = false;
  expect(await read()).toMatchObject({ items: [] });
});

test('whoever has not read gets nothing written, and everything when they do', async () => {
  const [author, sleeper, reader] = [world.person(), world.person(), world.person()];
  for (const viewer of [sleeper, reader]) world.edge(viewer).add(author);
  await world.awake(reader);
  const { postId } = await world.publish(author);
  await eventually(async () => expect(await receiptOf(postId)).toMatchObject({ pushed: 1, hibernated: 2 }));
  expect(await world.rowsOf(sleeper)).toEqual([]);
  const first = await world.feed.listHomeFeed(asUser(sleeper), { viewerId: sleeper });
  expect([idsOf(first.items), first.state]).toEqual([[postId], FeedState.REBUILDING]);
  await world.awake(sleeper);
  expect(await world.rowsOf(sleeper)).toEqual([postId]);
});

test('chunks that fail over and over hold up nobody else', async () => {
  const [author, fan] = [world.person(), world.person()];
  world.edge(fan).add(author);
  await world.awake(fan);
  const { postId } = await world.publish(author);
  const cut = async (viewerId: string) => {
    const chunk = { entry: postId, sourceId: author, chunk: 0, viewerIds: [viewerId], remove: false, planId: newId() };
    await world.events.bus.enqueue(fanOutChunk, chunk, { id: newId() });
    const { pk } = keys.receipt(postId);
    return async () =>
      (await world.db.query(testContext(), postsTable, { pk, sk: { beginsWith: keys.chunksDone(chunk.planId) } })).items;
  };
  // Many more than a worker has in hand, and none of them can be done: no key may be so long.
  const poisoned = await Promise.all(Array.from({ length: 12 }, () => cut('x'.repeat(3_000))));
  const done = await cut(fan);
  await eventually(async () => expect(await done()).toHaveLength(1));
  for (const items of poisoned) expect(await items()).toEqual([]);
});
