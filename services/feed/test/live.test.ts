import { newId, type Context } from '@plaza/core';
import { asUser } from '@plaza/testing';
import type { StreamHomeFeedResponse } from '@plaza/proto/plaza/feed/v1/feed_service';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';

import { THRESHOLDS } from '../src/domain/home/mode.ts';
import { noRedis } from './in-memory.ts';
import { simulate } from './simulated.ts';
import { refusalOf } from './world.ts';

afterAll(() => noRedis.close());

/** A viewer who follows two authors, over a table in memory; everything happens in order. */
const trio = () => {
  const plaza = simulate({ turn: async () => undefined, fault: () => undefined, twice: () => false, lag: () => 0 }, THRESHOLDS);
  const [viewer, author, other] = [newId(), newId(), newId()];
  plaza.follow(viewer, author);
  plaza.follow(viewer, other);
  const post = async (authorId = author, visibility: 1 | 3 = 1) => {
    const request = { authorId, text: 'x', media: [], productIds: [], visibility, requestId: newId(), replyToPostId: '' };
    const { post: made } = await plaza.posts.createPost(asUser(authorId), request);
    await plaza.settle(0);
    return made!.postId!;
  };
  const listen = async (resumeToken = '') => {
    const leaving = new AbortController();
    const ctx: Context = { ...asUser(viewer, 60_000), signal: leaving.signal };
    const answers = plaza.feed.streamHomeFeed(ctx, { viewerId: viewer, resumeToken })[Symbol.asyncIterator]();
    let token = '';
    const answer = async (): Promise<StreamHomeFeedResponse> => {
      const { value } = await answers.next();
      token = value.resumeToken;
      return value as StreamHomeFeedResponse;
    };
    expect((await answer()).item).toBeUndefined();
    return {
      next: async () => (await answer()).item?.itemId,
      token: () => token,
      leave: async () => {
        leaving.abort();
        await answers.return?.();
      },
    };
  };
  return { plaza, viewer, author, other, post, listen };
};

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

test('what was not heard of is told when there is a bus again', async () => {
  const { plaza, post, listen } = trio();
  const stream = await listen();
  const heard = await post();
  expect(await stream.next()).toBe(heard);
  plaza.hears.signals = [];
  const missed = await post();
  delete plaza.hears.signals;
  const second = await post();
  expect(await stream.next(), 'the newer one first, since it was heard of').toBe(second);
  plaza.rpc.liveFeeds.arrivals.joined();
  expect(await stream.next()).toBe(missed);
  await stream.leave();
});

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

test('what is said twice, or has been found by a look before it is heard of, is told once', async () => {
  const { plaza, post, listen } = trio();
  const stream = await listen();
  const signals = (plaza.hears.signals = [] as NonNullable<typeof plaza.hears.signals>);
  const id = await post();
  delete plaza.hears.signals;
  plaza.rpc.liveFeeds.arrivals.joined();
  expect(await stream.next()).toBe(id);
  for (let i = 0; i < 41; i++) {
    const next = await post();
    expect(await stream.next()).toBe(next);
  }
  for (const it of [...signals, ...signals]) plaza.rpc.liveFeeds.arrivals.hear(it);
  const marker = await post();
  expect(await stream.next()).toBe(marker);
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

const step = fc.constantFrom('post', 'post', 'other', 'private', 'read', 'read', 'deafen', 'hear', 'leave', 'look');

test('whatever is lost, and whenever the stream breaks, each item is told once', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { plaza, author, other, post, listen } = trio();
      let stream = await listen();
      const wanted: string[] = [];
      const got: (string | undefined)[] = [];
      let known = 0;
      const readAll = async () => {
        plaza.rpc.liveFeeds.arrivals.joined();
        while (got.length < wanted.length) got.push(await stream.next());
        known = got.length;
      };
      for (const what of steps) {
        if (what === 'post') wanted.push(await post(author));
        if (what === 'other') wanted.push(await post(other));
        if (what === 'private') await post(author, 3);
        if (what === 'deafen') plaza.hears.signals = [];
        if (what === 'hear') delete plaza.hears.signals;
        if (what === 'look') await readAll();
        // Something must be there to be read: what was posted since all was read, and heard of.
        if (what === 'read' && plaza.hears.signals === undefined && known === got.length && wanted.length === known + 1) {
          got.push(await stream.next());
          known = got.length;
        }
        if (what === 'leave') {
          await stream.leave();
          stream = await listen(stream.token());
        }
      }
      await readAll();
      const marker = await post(author);
      delete plaza.hears.signals;
      plaza.rpc.liveFeeds.arrivals.joined();
      expect(await stream.next(), 'nothing before the last').toBe(marker);
      expect((got as string[]).toSorted()).toEqual(wanted.toSorted());
      await stream.leave();
    }),
    { numRuns: 25 },
  );
});
