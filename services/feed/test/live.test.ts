import { newId } from '@plaza/core';
import { asUser } from '@plaza/testing';
import { afterAll, expect, test } from 'vitest';

import { noRedis } from './in-memory.ts';
import { trio } from './live-scene.ts';
import { refusalOf } from './world.ts';

afterAll(() => noRedis.close());

test('what comes is told once, as soon as it is there: of those followed, and own; not what is not for the viewer', async () => {
  const { viewer, author, other, post, listen } = trio();
  await post(author);
  const stream = await listen();
  const first = await post(author);
  expect(await stream.next()).toBe(first);
  await post(newId());
  await post(author, 3);
  const [second, own] = [await post(other), await post(viewer, 3)];
  expect([await stream.next(), await stream.next()]).toEqual([second, own]);
  await stream.leave();
});

test('any token goes on behind its answer: nothing is lost, nothing told twice', async () => {
  const { post, listen } = trio();
  const stream = await listen();
  const tokens = [stream.token()];
  const ids = [await post(), await post(), await post()];
  for (const id of ids) {
    expect(await stream.next()).toBe(id);
    tokens.push(stream.token());
  }
  await stream.leave();
  ids.push(await post(), await post());
  for (const [i, token] of tokens.entries()) {
    const again = await listen(token);
    for (const id of ids.slice(i)) expect(await again.next()).toBe(id);
    await again.leave();
  }
});

test('who was away for very much is told all of it, the oldest first', { timeout: 30_000 }, async () => {
  const { post, listen } = trio();
  const stream = await listen();
  await stream.leave();
  const ids: string[] = [];
  for (let i = 0; i < 260; i++) ids.push(await post());
  const again = await listen(stream.token());
  for (const id of ids) expect(await again.next()).toBe(id);
  ids.push(await post());
  expect(await again.next()).toBe(ids.at(-1));
  await again.leave();
});

test('the token of a page goes on behind what the page has shown', async () => {
  const { plaza, viewer, post, listen } = trio();
  for (let i = 0; i < 5; i++) await post();
  const { resumeToken } = await plaza.feed.listHomeFeed(asUser(viewer), {
    viewerId: viewer,
    pageSize: 3,
    pageToken: '',
    order: 0,
  });
  const id = await post();
  const stream = await listen(resumeToken);
  expect(await stream.next()).toBe(id);
  const later = await post();
  expect(await stream.next()).toBe(later);
  await stream.leave();
});

test('of a source that is pulled the stream hears by the source', async () => {
  const { plaza, viewer, author, post, listen } = trio();
  await (await listen()).leave();
  await plaza.rpc.states.pull(asUser(viewer), [viewer], [author]);
  const stream = await listen();
  plaza.hears.signals = [];
  const id = await post(author);
  plaza.rpc.liveFeeds.arrivals.hear({ entry: id, sourceId: newId(), viewerIds: [] });
  plaza.rpc.liveFeeds.arrivals.hear({ entry: id, sourceId: author, viewerIds: [] });
  expect(await stream.next()).toBe(id);
  await stream.leave();
});

test('whoever does not take what comes is told so, and loses nothing by going on', { timeout: 30_000 }, async () => {
  const { post, listen } = trio();
  const stream = await listen();
  const ids = [await post()];
  expect(await stream.next()).toBe(ids[0]);
  for (let i = 0; i < 102; i++) ids.push(await post());
  expect(await refusalOf(stream.next())).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'STREAM_TOO_SLOW' });
  const again = await listen(stream.token());
  for (const id of ids.slice(1)) expect(await again.next()).toBe(id);
  await again.leave();
});

test('many who wait for one author share the work', async () => {
  const { plaza, author } = trio();
  const fans = Array.from({ length: 50 }, () => newId());
  for (const fan of fans) plaza.follow(fan, author);
  await plaza.settle(0);
  const asked: number[] = [];
  const { checkAudience } = plaza.graph;
  plaza.graph.checkAudience = (ctx, request) => {
    asked.push(request.viewerIds?.length ?? 0);
    return checkAudience(ctx, request);
  };
  const leaving = new AbortController();
  const streams = fans.map((viewerId) => {
    const ctx = { ...asUser(viewerId, 60_000), signal: leaving.signal };
    return plaza.feed.streamHomeFeed(ctx, { viewerId, resumeToken: '' })[Symbol.asyncIterator]();
  });
  for (const stream of streams) await stream.next();
  const request = {
    authorId: author,
    text: 'x',
    media: [],
    productIds: [],
    visibility: 1 as const,
    requestId: '',
    replyToPostId: '',
  };
  const { post } = await plaza.posts.createPost(asUser(author), request);
  for (const stream of streams) expect((await stream.next()).value?.item?.post?.postId).toBe(post!.postId);
  expect(asked).toEqual([50]);
  leaving.abort();
});
