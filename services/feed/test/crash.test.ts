import { feedClients } from '@plaza/clients';
import { newId, noMetrics, silentLog } from '@plaza/core';
import { asUser, eventually, testKeys } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { idsOf, refusalOf, startWorld, type World } from './world.ts';

/** The nastiest points only; e2e goes through all of them. Whoever dies is a process of its own, and dies as by kill -9. */
let world: World;
beforeAll(async () => {
  world = await startWorld({ workers: 0 });
});
afterAll(() => world.close());

const feedBecomes = (viewerId: string, ids: readonly string[]) =>
  eventually(async () => expect(idsOf(await world.readFeed(viewerId))).toEqual(ids), { timeoutMs: 40_000 });

/** Something that takes the worker through the point, and the feed that must come of it. */
const followed = async () => {
  const [author, fan] = [world.person(), world.person()];
  world.edge(fan).add(author);
  return { author, fan };
};
const afterPost = async () => {
  const { author, fan } = await followed();
  const { postId } = await world.publish(author);
  return () => feedBecomes(fan, [postId]);
};
/** The sweep dies between its delete and its second look, and the viewer follows again before it is handled again. */
const afterUnfollow = async () => {
  const { author, fan } = await followed();
  const { postId } = await world.publish(author);
  const other = await world.newWorker();
  await feedBecomes(fan, [postId]);
  await other.close();
  world.edge(fan).delete(author);
  await world.events.unfollowed(fan, author);
  return async () => {
    expect(await world.rowsOf(fan)).toEqual([]);
    world.edge(fan).add(author);
    await feedBecomes(fan, [postId]);
  };
};

test.each([
  ['feed.after-push-rows', afterPost],
  ['feed.after-sweep-delete', afterUnfollow],
])('the worker dies at %s: its successor ends the work', { timeout: 90_000 }, async (point, play) => {
  const outcome = await play();
  const worker = await world.spawn('feed-worker', point);
  expect(await worker.exited).toMatchObject({ signal: 'SIGKILL' });
  const reached = outcome();
  await worker.restart({ CRASH_AT: '' });
  await reached;
  await worker.stop();
});

test.each(['feed.after-post', 'feed.after-delete'])(
  'the service dies at %s: the change stands, once, and its event goes out',
  async (point) => {
    const author = world.person();
    const worker = await world.newWorker();
    const { postId: old } = await world.publish(author);
    await feedBecomes(author, [old]);
    const service = await world.spawn('feed', point);
    const clients = feedClients({
      address: `127.0.0.1:${service.port}`,
      token: testKeys().tokenOf,
      log: silentLog,
      metrics: noMetrics,
    });
    const requestId = newId();
    const create = (from: typeof world.posts) => from.createPost(asUser(author), { authorId: author, text: 'hello', requestId });
    const remove = (from: typeof world.posts) => from.deletePost(asUser(author), { postId: old, requestId });
    const change: (from: typeof world.posts) => Promise<object> = point === 'feed.after-post' ? create : remove;
    expect(await refusalOf(change(clients.posts))).toMatchObject({ code: 'UNAVAILABLE' });
    await service.exited;
    clients.close();
    // The replica beside it publishes what the dead one could not, and answers the repeated call from the first.
    await change(world.posts);
    const listed = await world.posts.listPosts(asUser(author), { authorId: author });
    const ids = listed.posts.map(({ postId }) => postId);
    expect(ids).toHaveLength(point === 'feed.after-post' ? 2 : 0);
    await feedBecomes(author, ids);
    await eventually(async () => expect(await world.rowsOf(author)).toEqual(ids), { timeoutMs: 20_000 });
    await worker.close();
  },
);
