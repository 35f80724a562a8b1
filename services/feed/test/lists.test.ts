import { newId, type Context } from '@plaza/core';
import { PostVisibility } from '@plaza/proto/plaza/feed/v1/post';
import { asAdmin, asUser, testContext } from '@plaza/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { refusalOf, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ workers: 0 });
});
afterAll(() => world?.close());

type Page = { posts: { postId: string }[]; nextPageToken: string };
type Call = (ctx: Context, page: { pageSize: number; pageToken: string }) => Promise<Page>;

const idsOf = async (call: Call, ctx: () => Context, pageSize = 100): Promise<string[]> => {
  const ids: string[] = [];
  for (let pageToken = ''; ;) {
    const page = await call(ctx(), { pageSize, pageToken });
    ids.push(...page.posts.map(({ postId }) => postId));
    pageToken = page.nextPageToken;
    if (pageToken === '') return ids;
  }
};

const anyone = () => testContext();

/** Each list of many authors, as a call, and what puts a post into it. */
const scene = async () => {
  const tag = `tag${newId().toLowerCase()}`;
  const productId = world.product();
  const parent = await world.publish(world.person());
  return {
    calls: {
      hashtag: (ctx, page) => world.posts.listPostsByHashtag(ctx, { hashtag: tag, ...page }),
      product: (ctx, page) => world.posts.listPostsByProduct(ctx, { productId, ...page }),
      replies: (ctx, page) => world.posts.listReplies(ctx, { postId: parent.postId, ...page }),
      everybody: (ctx, page) => world.posts.listPublicPosts(ctx, page),
    } satisfies Record<string, Call>,
    say: async (authorId: string, visibility: PostVisibility = PostVisibility.PUBLIC): Promise<string> => {
      const wish = { authorId, text: `#${tag}`, productIds: [productId], visibility, replyToPostId: parent.postId };
      const { post } = await world.posts.createPost(asUser(authorId), wish);
      return post!.postId;
    },
    parent,
  };
};

describe('every list of many authors', () => {
  test('is newest first, each post once, over pages of any size, also for nobody signed in', async () => {
    const { calls, say } = await scene();
    const people = world.people(4);
    const ids: string[] = [];
    for (let i = 0; i < 11; i++) ids.unshift(await say(people[i % 4]!));
    for (const [name, call] of Object.entries(calls))
      for (const size of [3, 11, 100]) {
        const found = await idsOf(call, anyone, size);
        expect({ name, size, ids: found.filter((id) => ids.includes(id)) }).toEqual({ name, size, ids });
        expect(new Set(found).size).toBe(found.length);
      }
  });

  test('shows to each what they may meet there', async () => {
    const { calls, say } = await scene();
    const [author, follower, stranger, blocked, muter] = world.people(5) as [string, string, string, string, string];
    world.edge(follower).add(author);
    world.edge(muter).add(author);
    world.peers.hidden.add(`${blocked} ${author}`);
    world.peers.muted.add(`${muter} ${author}`);
    const open = await say(author);
    const close = await say(author, PostVisibility.FOLLOWERS);
    const own = await say(author, PostVisibility.PRIVATE);
    const gone = await say(author);
    await world.posts.deletePost(asUser(author), { postId: gone });
    const all = [open, close, own, gone];
    const seen = async (call: Call, ctx: () => Context) => (await idsOf(call, ctx)).filter((id) => all.includes(id));
    for (const [name, call] of Object.entries(calls)) {
      const both = name === 'everybody' ? [open] : [close, open];
      expect([name, await seen(call, () => asUser(author))]).toEqual([name, both]);
      expect([name, await seen(call, () => asUser(follower))]).toEqual([name, both]);
      for (const ctx of [() => asUser(stranger), anyone, asAdmin]) expect([name, await seen(call, ctx)]).toEqual([name, [open]]);
      for (const ctx of [() => asUser(blocked), () => asUser(muter)]) expect([name, await seen(call, ctx)]).toEqual([name, []]);
    }
  });

  test('says so when it cannot be told who may see what, and shows nothing', async () => {
    const { calls, say } = await scene();
    await say(world.person());
    world.peers.away.graph = true;
    try {
      for (const call of Object.values(calls))
        expect(await refusalOf(call(anyone(), { pageSize: 5, pageToken: '' }))).toMatchObject({ reason: 'VISIBILITY_UNKNOWN' });
    } finally {
      world.peers.away.graph = false;
    }
  });

  test('has tokens that are good for it alone', async () => {
    const { calls, say } = await scene();
    const author = world.person();
    for (let i = 0; i < 3; i++) await say(author);
    const other = (await scene()).calls;
    for (const [name, call] of Object.entries(calls)) {
      const { nextPageToken: pageToken } = await call(anyone(), { pageSize: 1, pageToken: '' });
      const elsewhere: Call = name === 'everybody' ? calls.hashtag : other[name as keyof typeof other];
      expect(await refusalOf(elsewhere(anyone(), { pageSize: 1, pageToken }))).toMatchObject({ reason: 'PAGE_TOKEN_INVALID' });
      expect(await refusalOf(call(asUser(author), { pageSize: 1, pageToken }))).toMatchObject({ reason: 'PAGE_TOKEN_INVALID' });
    }
  });
});

test('replies are listed of a post that the caller may see', async () => {
  const { parent, calls } = await scene();
  const page = { pageSize: 5, pageToken: '' };
  const blocked = world.person();
  world.peers.hidden.add(`${blocked} ${parent.authorId}`);
  expect(await refusalOf(calls.replies(asUser(blocked), page))).toMatchObject({ reason: 'POST_NOT_FOUND' });
  await world.posts.deletePost(asUser(parent.authorId), { postId: parent.postId });
  expect(await refusalOf(calls.replies(anyone(), page))).toMatchObject({ reason: 'POST_NOT_FOUND' });
});

test('a hashtag is found in any spelling that reads the same, and what could be none is refused', async () => {
  const author = world.person();
  const { postId } = await world.publish(author, 'Über #Größe und #日本語');
  for (const hashtag of ['größe', '#GRÖSSE'.replace('SS', 'ß'), '日本語', '#日本語']) {
    const { posts } = await world.posts.listPostsByHashtag(anyone(), { hashtag });
    expect(posts.map((post) => post.postId)).toContain(postId);
  }
  for (const hashtag of ['two words', '1', '#', 'x'.repeat(51)])
    expect(await refusalOf(world.posts.listPostsByHashtag(anyone(), { hashtag }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'HASHTAG_INVALID',
      details: { violations: [{ field: 'hashtag' }] },
    });
});
