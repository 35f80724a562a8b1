import { newId } from '@plaza/core';
import { FeedOrder } from '@plaza/proto/plaza/feed/v1/feed_service';
import { Visibility } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { asUser } from '@plaza/testing';
import { afterAll, expect, test } from 'vitest';

import { noRedis } from './in-memory.ts';
import { trio } from './live-scene.ts';

afterAll(() => noRedis.close());

type Scene = ReturnType<typeof trio>;

const seenAs =
  (visibility: Visibility) =>
  async ({ plaza: { graph }, other }: Scene): Promise<void> => {
    const { checkVisibility, checkAudience } = graph;
    graph.checkVisibility = async (ctx, request) => {
      const { authors, epoch } = await checkVisibility(ctx, request);
      return { authors: authors.map((it) => (it.authorId === other ? { ...it, visibility } : it)), epoch };
    };
    graph.checkAudience = async (ctx, request) => {
      const { viewers } = await checkAudience(ctx, request);
      return { viewers: viewers.map((it) => (request.authorId === other ? { ...it, visibility } : it)) };
    };
  };

/** How posts of the other author come not to be for the viewer any more. */
const WAYS: Record<string, (scene: Scene, postIds: readonly string[]) => Promise<void>> = {
  deleted: async ({ plaza, other }, postIds) => {
    for (const postId of postIds) await plaza.posts.deletePost(asUser(other), { postId, requestId: newId() });
  },
  'made private': async ({ plaza, other }, postIds) => {
    const changes = { text: '', media: [], productIds: [], visibility: 3 as const };
    const edit = { changes, updateMask: ['visibility'], etag: '', requestId: '' };
    for (const postId of postIds) await plaza.posts.updatePost(asUser(other), { postId, ...edit });
  },
  unfollowed: async ({ plaza, viewer, other }) => plaza.unfollow(viewer, other),
  muted: seenAs(Visibility.MUTED),
  blocked: seenAs(Visibility.HIDDEN),
};
const ways = Object.entries(WAYS);

test('what is hidden between the signal and its telling is not told', async () => {
  const { plaza, viewer, author, other, post, listen } = trio();
  const stream = await listen();
  const signals = (plaza.hears.signals = [] as NonNullable<typeof plaza.hears.signals>);
  await post(author);
  const deleted = await post(other);
  const kept = await post(other);
  plaza.unfollow(viewer, author);
  await plaza.posts.deletePost(asUser(other), { postId: deleted, requestId: newId() });
  for (const it of signals) plaza.rpc.liveFeeds.arrivals.hear(it);
  expect(await stream.next()).toBe(kept);
  await stream.leave();
});

test.each(ways)('%s after it was found, while the client takes its time: it is not told', async (_way, hide) => {
  const scene = trio();
  const { plaza, author, other, post, listen } = scene;
  const stream = await listen();
  await stream.leave();
  const [first, second, third] = [await post(author), await post(other), await post(author)];
  const again = await listen(stream.token());
  expect(await again.next()).toBe(first);
  await hide(scene, [second]);
  await plaza.settle(1_001);
  expect(await again.next()).toBe(third);
  await again.leave();
});

test.each(ways)('%s after it was heard of, while the client takes its time: it is not told', async (_way, hide) => {
  const scene = trio();
  const { plaza, author, other, post, listen } = scene;
  const stream = await listen();
  const [first, second, third] = [await post(author), await post(other), await post(author)];
  expect(await stream.next()).toBe(first);
  await hide(scene, [second]);
  await plaza.settle(1_001);
  expect(await stream.next()).toBe(third);
  await stream.leave();
});

test.each(ways)('%s between two pages or two calls: a ranked feed does not show it', async (_way, hide) => {
  const scene = trio();
  const { plaza, viewer, author, other, post } = scene;
  const [kept, lost]: [string[], string[]] = [[], []];
  for (let i = 0; i < 3; i++) {
    lost.push(await post(other));
    kept.push(await post(author));
  }
  const page = async (pageSize: number, pageToken = '') => {
    const wish = { viewerId: viewer, pageSize, pageToken, order: FeedOrder.RANKED };
    const { items, nextPageToken } = await plaza.feed.listHomeFeed(asUser(viewer), wish);
    return { ids: items.map(({ itemId }) => itemId!), nextPageToken: nextPageToken! };
  };
  const first = await page(2);
  expect(first.ids).toHaveLength(2);
  expect((await page(10)).ids.toSorted()).toEqual([...kept, ...lost].toSorted());
  await hide(scene, lost);
  expect((await page(10, first.nextPageToken)).ids.toSorted()).toEqual(kept.filter((id) => !first.ids.includes(id)));
  expect((await page(10)).ids.toSorted()).toEqual(kept);
});

test.each(ways)('%s: it does not count as unseen', async (_way, hide) => {
  const scene = trio();
  const { plaza, viewer, author, other, post } = scene;
  await post(author);
  const lost = [await post(other), await post(other)];
  const status = () => plaza.feed.getFeedStatus(asUser(viewer), { viewerId: viewer });
  expect(await status()).toMatchObject({ unseen: 3 });
  await hide(scene, lost);
  expect(await status()).toMatchObject({ unseen: 1, unseenMore: false });
});
