import { newId } from '@plaza/core';
import { update } from '@plaza/dynamo';
import { postLiked } from '@plaza/events';
import { asAdmin, asUser, eventually, startEventSource, type EventSource } from '@plaza/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import type { Post } from '../src/domain/posts/post.ts';
import { keys, postsTable } from '../src/store/table.ts';
import { anyone, MINUTE, startStage, type Stage } from './trending-stage.ts';
import { refusalOf } from './world.ts';

const [FOLLOWERS, PRIVATE] = [2, 3] as const;
const PATIENCE = { timeoutMs: 20_000 };
const SLOW = { timeout: 60_000 };
/** As the graph is asked about who is not signed in. */
const NOBODY = '';

let stage: Stage;
let feed: EventSource;
beforeAll(async () => {
  stage = await startStage();
  const { natsUrl, namespace } = stage.config;
  feed = startEventSource({ natsUrl, namespace, owner: 'feed' });
});
// Whatever a test that failed left away is back for the next one.
beforeEach(() => Object.assign(stage.peers.away, { user: false, product: false, graph: false }));
afterAll(async () => {
  await feed?.close();
  await stage?.close();
});

test(
  'a post that came to be hidden, muted, deleted or for fewer eyes trends no more, nor does the hashtag that it alone had',
  SLOW,
  async () => {
    const [open, blocker, muted, shy, gone, edited] = await Promise.all(Array.from({ length: 6 }, () => trending()));
    const [reader, fan] = [newId(), newId()];
    const all = [open, blocker, muted, shy, gone, edited].map((each) => each!);
    stage.pass();
    for (const ctx of [anyone(), asUser(reader), asAdmin()]) expect(await shownTo(ctx, all)).toEqual(all.map(() => 'both'));

    stage.peers.hidden.add(`${reader} ${blocker!.author}`).add(`${NOBODY} ${blocker!.author}`);
    stage.peers.muted.add(`${reader} ${muted!.author}`);
    stage.edge(fan).add(shy!.author);
    await change(shy!.post, { visibility: 'FOLLOWERS' });
    await stage.posts.deletePost(asUser(gone!.author), { postId: gone!.post.postId });
    // An edit takes the hashtag out of the post and of its list in one transaction; a list that was read before still has it.
    await change(edited!.post, { text: 'nothing', hashtags: [] });
    const [none, both, post] = ['none', 'both', 'post'];
    expect(await shownTo(anyone(), all)).toEqual([both, none, both, none, none, post]);
    expect(await shownTo(asAdmin(), all)).toEqual([both, none, both, none, none, post]);
    expect(await shownTo(asUser(reader), all)).toEqual([both, none, none, none, none, post]);
    // Trends are for everybody: not even followers and the author see there what is not PUBLIC.
    expect(await shownTo(asUser(fan), all)).toEqual([both, both, both, none, none, post]);
    expect(await shownTo(asUser(shy!.author), all)).toEqual([both, both, both, none, none, post]);
    await change(shy!.post, { visibility: 'PRIVATE' });
    for (const ctx of [anyone(), asUser(fan), asUser(shy!.author)]) expect((await shownTo(ctx, [shy!]))[0]).toBe(none);
  },
);

test(
  'one post that the caller may meet shows the hashtag, behind many of one author whom they may not; one far behind does not',
  SLOW,
  async () => {
    const [reader, kind, rude] = [newId(), stage.person(), stage.person()];
    const near = await stage.plant(kind, '#near');
    const far = await stage.plant(kind, '#far');
    await Promise.all(Array.from({ length: 71 }, (_, i) => stage.plant(rude, i < 30 ? '#near' : '#far')));
    await stage.attract(near, 500);
    await stage.attract(far, 300);
    stage.pass();
    const asked = { ctx: asUser(reader) };
    expect(await stage.trendingTags(['near', 'far'], asked)).toEqual(['near', 'far']);
    stage.peers.hidden.add(`${reader} ${rude}`);
    expect(await stage.trendingTags(['near', 'far'], asked)).toEqual(['near']);
    expect(await stage.trendingTags(['near', 'far'])).toEqual(['near', 'far']);
  },
);

test('what not everybody may see gets no points, so that nothing of it is told when it is opened', SLOW, async () => {
  const [author, ghost] = [stage.person(), stage.person()];
  stage.peers.hidden.add(`${NOBODY} ${ghost}`);
  const shy = [
    await stage.publish(author, '#whisper', { visibility: FOLLOWERS }),
    await stage.publish(author, '#whisper', { visibility: PRIVATE }),
    await stage.publish(ghost, '#whisper'),
  ];
  const open = await stage.publish(author, 'aloud');
  for (const { postId, authorId } of [...shy, open]) {
    await feed.publish(postLiked, { postId, authorId, userId: newId(), likeTime: new Date(stage.now()) });
    await stage.posts.recordPostViews(anyone(), { postIds: [postId] });
  }
  await handled('feed-trend-like', 4);
  await handled('feed-count-views', 4);
  await handled('feed-trend-post', 4);
  stage.peers.hidden.delete(`${NOBODY} ${ghost}`);
  for (const post of shy) await change(post, { visibility: 'PUBLIC' });
  stage.pass(10 * MINUTE);
  const ids = [...shy, open].map(({ postId }) => postId);
  expect(await stage.trendingPosts(ids)).toEqual([open.postId]);
  expect(await stage.trendingTags(['whisper'])).toEqual([]);
});

test('a page costs one question to the graph; without the graph nothing is shown', SLOW, async () => {
  const author = stage.person();
  const posts = await Promise.all(Array.from({ length: 20 }, (_, i) => stage.plant(author, `#page${i}`)));
  await Promise.all(posts.map((post) => stage.attract(post, 1000)));
  stage.pass();
  const asked = stage.peers.calls.checkVisibility;
  expect((await stage.postPage({ pageSize: 20 })).posts).toHaveLength(20);
  expect(stage.peers.calls.checkVisibility).toBe(asked + 1);
  expect((await stage.tagPage({ pageSize: 20 })).hashtags).toHaveLength(20);
  expect(stage.peers.calls.checkVisibility).toBe(asked + 2);
  stage.peers.away.graph = true;
  for (const list of [stage.postPage, stage.tagPage])
    expect(await refusalOf(list())).toMatchObject({ code: 'UNAVAILABLE', reason: 'VISIBILITY_UNKNOWN' });
  stage.peers.away.graph = false;
});

interface Trending {
  readonly author: string;
  readonly post: Post;
  readonly tag: string;
}

/** A post with a hashtag that no other has, with points. */
const trending = async (): Promise<Trending> => {
  const author = stage.person();
  const post = await stage.plant(author, `#only${newId()}`);
  await stage.attract(post, 10);
  return { author, post, tag: post.hashtags[0]! };
};

/** Which of them, in their order, are shown as a post, and as a hashtag. */
const shownTo = async (ctx: ReturnType<typeof anyone>, all: readonly Trending[]): Promise<string[]> => {
  const posts = await stage.trendingPosts(
    all.map(({ post }) => post.postId),
    { ctx },
  );
  const tags = await stage.trendingTags(
    all.map(({ tag }) => tag),
    { ctx },
  );
  return all.map(({ post, tag }) => {
    const [asPost, asTag] = [posts.includes(post.postId), tags.includes(tag)];
    return asPost ? (asTag ? 'both' : 'post') : asTag ? 'tag' : 'none';
  });
};

/** The post alone; its rows in lists stay, as if they had been read before. */
const change = ({ postId }: { postId: string }, set: Record<string, string | string[]>) =>
  stage.db.write(anyone(), update(postsTable, keys.post(postId), { set }));

const settledYet = async (durable: string): Promise<number> => {
  const consumed = await stage.metric('events_consumed_total', stage.workers[0]!);
  return consumed[`{durable="${durable}",result="handled"}`] ?? 0;
};

const handled = (durable: string, count: number) =>
  eventually(async () => expect(await settledYet(durable)).toBeGreaterThanOrEqual(count), PATIENCE);
