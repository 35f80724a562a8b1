import { newId } from '@plaza/core';
import { postLiked, repostCreated } from '@plaza/events';
import { TrendingWindow } from '@plaza/proto/plaza/feed/v1/post_service';
import { asUser, eventually, startEventSource, testContext, type EventSource } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { MINUTE, startStage, type Stage } from './trending-stage.ts';
import { refusalOf } from './world.ts';

const { HOUR, DAY, WEEK } = TrendingWindow;
const PATIENCE = { timeoutMs: 20_000 };
const SLOW = { timeout: 60_000 };

let stage: Stage;
let feed: EventSource;
beforeAll(async () => {
  stage = await startStage();
  const { natsUrl, namespace } = stage.config;
  feed = startEventSource({ natsUrl, namespace, owner: 'feed' });
});
afterAll(async () => {
  await feed?.close();
  await stage?.close();
});

test('views, likes, answers and reposts bring a post and its hashtags forward, a publication its hashtags', SLOW, async () => {
  const author = stage.person();
  const publish = (text: string) => stage.publish(author, text);
  const [viewed, liked, answered, reposted, ignored] = [
    await publish('#viewed #both'),
    await publish('#liked #both'),
    await publish('#answered'),
    await publish('#reposted'),
    await publish('#ignored'),
  ];
  const [userId, time] = [newId(), new Date(stage.now())];
  const { postId, authorId } = liked;
  // Given, taken back and given again: it counts once.
  for (let i = 0; i < 3; i++) await feed.publish(postLiked, { postId, authorId, userId, likeTime: time });
  await feed.publish(postLiked, { postId, authorId, userId: newId(), likeTime: time });
  for (let i = 0; i < 2; i++) await stage.posts.recordPostViews(testContext(), { postIds: [viewed.postId] });
  const reply = { authorId: stage.person(), text: 'well', replyToPostId: answered.postId };
  for (let i = 0; i < 2; i++) await stage.posts.createPost(asUser(reply.authorId), reply);
  for (let i = 0; i < 3; i++)
    await feed.publish(repostCreated, {
      postId: reposted.postId,
      authorId,
      userId: newId(),
      repostId: newId(),
      repostTime: time,
    });
  await handled({ 'feed-trend-like': 4, 'feed-count-views': 2, 'feed-trend-post': 7, 'feed-trend-repost': 3 });
  stage.pass(10 * MINUTE);
  const ids = [viewed, liked, answered, reposted, ignored].map((post) => post.postId);
  const tags = ['viewed', 'liked', 'both', 'answered', 'reposted', 'ignored'];
  const ranked = [reposted, answered, liked, viewed].map((post) => post.postId);
  for (const window of [HOUR, DAY, WEEK]) expect(await stage.trendingPosts(ids, { window })).toEqual(ranked);
  expect(await stage.trendingTags(tags)).toEqual(['reposted', 'both', 'answered', 'liked', 'viewed', 'ignored']);
  const { posts } = await stage.postPage();
  const { hashtags } = await stage.tagPage();
  const view = posts.find(({ post }) => post?.postId === viewed.postId)!.score / 2;
  expect(posts.map(({ score }) => Math.round((2 * score) / view) / 2)).toEqual([15, 10, 6, 2]);
  expect(hashtags.map(({ score }) => Math.round((2 * score) / view) / 2)).toEqual([20, 18, 15, 11, 7, 5]);
  expect((await stage.postPage()).posts[1]?.post).toMatchObject({ author: { username: 'somebody' }, text: '#answered' });
});

test('what is newer counts more, and nothing that is older than the window', SLOW, async () => {
  const author = stage.person();
  const [old, young] = [await stage.plant(author, '#old'), await stage.plant(author, '#young')];
  const start = stage.now();
  await stage.attract(old, 8, start);
  await stage.attract(young, 3, start + 30 * MINUTE);
  const ids = [old.postId, young.postId];
  const windowsAfter = async (minutes: number) => {
    stage.pass(start + minutes * MINUTE - stage.now());
    const found: string[][] = [];
    for (const window of [HOUR, DAY, WEEK]) found.push(await stage.trendingPosts(ids, { window }));
    return found.map((each) => each.map((id) => (id === old.postId ? 'old' : 'young')));
  };
  expect(await windowsAfter(30)).toEqual([
    ['young', 'old'],
    ['old', 'young'],
    ['old', 'young'],
  ]);
  expect(await stage.trendingTags(['old', 'young'])).toEqual(['young', 'old']);
  expect(await windowsAfter(65)).toEqual([['young'], ['old', 'young'], ['old', 'young']]);
  expect(await windowsAfter(26 * 60)).toEqual([[], [], ['old', 'young']]);
});

test('pages are cut from the ranking that the first one showed, on any replica, while points come in', SLOW, async () => {
  const posts = await crowd(7);
  const ids = posts.map(({ postId }) => postId).toReversed();
  const tags = posts.map(({ hashtags }) => hashtags[0]!).toReversed();
  expect(await stage.trendingPosts(ids)).toEqual(ids);
  const [first, firstTags] = [await stage.postPage({ pageSize: 2 }), await stage.tagPage({ pageSize: 2 })];
  await stage.attract(posts[0]!, 300);
  stage.pass();
  expect((await stage.trendingPosts(ids))[0]).toBe(posts[0]!.postId);
  const rest = { of: stage.there, pageSize: 1 };
  const { nextPageToken } = first;
  expect(await stage.trendingPosts(ids, { ...rest, pageToken: nextPageToken })).toEqual(ids.slice(2));
  expect(await stage.trendingTags(tags, { ...rest, pageToken: firstTags.nextPageToken })).toEqual(tags.slice(2));
});

test('a wiped, lost or absent Redis changes no answer', SLOW, async () => {
  const posts = await crowd(5);
  const ids = posts.map(({ postId }) => postId).toReversed();
  const tags = posts.map(({ hashtags }) => hashtags[0]!).toReversed();
  const shown = await stage.postPage();
  const same = async () => {
    for (const of of [stage.world.posts, stage.there]) {
      expect(await stage.trendingPosts(ids, { of })).toEqual(ids);
      expect(await stage.trendingTags(tags, { of, pageSize: 2 })).toEqual(tags);
      expect((await stage.postPage({ of })).posts.map(({ score }) => score)).toEqual(shown.posts.map(({ score }) => score));
    }
  };
  await same();
  await stage.redis.wipe();
  await same();
  await stage.redis.kill();
  await same();
  stage.pass();
  for (const of of [stage.world.posts, stage.there]) {
    expect(await stage.trendingPosts(ids, { of })).toEqual(ids);
    expect(await stage.trendingTags(tags, { of })).toEqual(tags);
  }
  await stage.redis.start();
});

test('a token is good for its caller, its window and its list; no window means a day', SLOW, async () => {
  // Far above all that the day holds.
  const posts = await crowd(3, 1000);
  const { nextPageToken: pageToken } = await stage.postPage({ pageSize: 1 });
  expect(pageToken).not.toBe('');
  const invalid = { code: 'INVALID_ARGUMENT', reason: 'PAGE_TOKEN_INVALID' };
  for (const asked of [{ window: DAY }, { ctx: asUser(newId()) }, { pageToken: `${pageToken.slice(0, -2)}AA` }])
    expect(await refusalOf(stage.postPage({ pageToken, ...asked }))).toMatchObject(invalid);
  expect(await refusalOf(stage.tagPage({ pageToken }))).toMatchObject(invalid);
  for (const bad of [{ window: 7 as TrendingWindow }, { pageSize: 101 }, { pageSize: -1 }])
    for (const list of [stage.postPage, stage.tagPage])
      expect(await refusalOf(list(bad))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD' });
  const ids = posts.map(({ postId }) => postId);
  const day = await stage.postPage({ window: DAY, pageSize: 1 });
  const go = { window: TrendingWindow.UNSPECIFIED, pageToken: day.nextPageToken };
  expect(await stage.trendingPosts(ids, go)).toEqual(ids.toReversed().slice(1));
});

/** Posts with a hashtag each, of which the last has most points, above all that other tests have. */
const crowd = async (count: number, points = 100) => {
  stage.pass(2 * 60 * MINUTE);
  const author = stage.person();
  const posts = Array.from({ length: count }, () => stage.plant(author, `#crowd${newId()}`));
  for (const [i, post] of posts.entries()) await stage.attract(await post, points + 10 * i);
  stage.pass(2 * MINUTE);
  return Promise.all(posts);
};

/** So many messages of each consumer were settled since the worker began. */
const handled = (counts: Record<string, number>) =>
  eventually(async () => {
    const consumed = await stage.metric('events_consumed_total', stage.workers[0]!);
    const of = (durable: string) => consumed[`{durable="${durable}",result="handled"}`] ?? 0;
    // More, if some came twice.
    for (const [durable, count] of Object.entries(counts)) expect(of(durable)).toBeGreaterThanOrEqual(count);
  }, PATIENCE);
