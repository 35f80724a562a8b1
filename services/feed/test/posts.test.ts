import { feedClients } from '@plaza/clients';
import { newId, noMetrics, silentLog } from '@plaza/core';
import { asAdmin, asUser, testContext, testKeys } from '@plaza/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../src/app.ts';
import { keys, postsTable } from '../src/store/table.ts';
import { refusalOf, startWorld, type World } from './world.ts';

const PUBLIC = 1;
const FOLLOWERS = 2;
const PRIVATE = 3;

let world: World;
beforeAll(async () => {
  world = await startWorld({ workers: 0 });
});
afterAll(() => world.close());

const listAll = async (authorId: string, ctx = () => asUser(authorId), pageSize = 20): Promise<string[]> => {
  const ids: string[] = [];
  for (let pageToken = ''; ;) {
    const page = await world.posts.listPosts(ctx(), { authorId, pageSize, pageToken });
    ids.push(...page.posts.map(({ postId }) => postId));
    pageToken = page.nextPageToken;
    if (pageToken === '') return ids;
  }
};

const NOT_FOUND = { code: 'NOT_FOUND', reason: 'POST_NOT_FOUND', details: { domain: 'plaza.feed' } };
const UNKNOWN = { code: 'UNAVAILABLE', reason: 'VISIBILITY_UNKNOWN', details: { domain: 'plaza.feed' } };

describe('CreatePost', () => {
  test('refuses an author who is nobody, and cards of products that do not exist, by name', async () => {
    const ghost = newId();
    expect(await refusalOf(world.posts.createPost(asAdmin(), { authorId: ghost, text: 'boo' }))).toMatchObject({
      code: 'NOT_FOUND',
      reason: 'AUTHOR_NOT_FOUND',
    });
    const [author, real, made, up] = [world.person(), world.product(), newId(), newId()];
    const post = { authorId: author, text: 'look', productIds: [made, real, up] };
    expect(await refusalOf(world.posts.createPost(asUser(author), post))).toMatchObject({
      code: 'NOT_FOUND',
      reason: 'PRODUCT_NOT_FOUND',
      details: { metadata: { product_ids: `${made},${up}` } },
    });
    expect(await listAll(author)).toEqual([]);
  });

  test('one request id is one post, however often and at once it is sent; with another body it is refused', async () => {
    const author = world.person();
    const request = { authorId: author, text: 'once', requestId: newId() };
    const answers = await Promise.all(Array.from({ length: 6 }, () => world.posts.createPost(asUser(author), request)));
    expect(new Set(answers.map(({ post }) => post?.postId)).size).toBe(1);
    expect(await listAll(author)).toEqual([answers[0]?.post?.postId]);
    expect(await refusalOf(world.posts.createPost(asUser(author), { ...request, text: 'twice' }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'REQUEST_ID_REUSED',
    });
  });

  test('a repeated request is answered as the first, also when the peers are away and the post is deleted; the text is kept nowhere', async () => {
    const author = world.person();
    const request = { authorId: author, text: 'a secret of #mine', requestId: newId() };
    const { post } = await world.posts.createPost(asUser(author), request);
    await world.posts.deletePost(asUser(author), { postId: post!.postId });
    world.peers.away.user = true;
    expect((await world.posts.createPost(asUser(author), request)).post).toEqual(post);
    world.peers.away.user = false;
    const row = await world.db.get(testContext(), postsTable, keys.post(post!.postId));
    const kept = await world.db.query(testContext(), postsTable, {
      pk: `RQ#user:${author}#plaza.feed.v1.PostService/CreatePost#${request.requestId}`,
    });
    expect(kept.items).toHaveLength(1);
    expect(JSON.stringify([row, kept.items])).not.toMatch(/secret|mine/);
  });

  test('is refused, not half done, while a peer is away', async () => {
    const author = world.person();
    world.peers.away.user = true;
    expect(await refusalOf(world.posts.createPost(asUser(author), { authorId: author, text: 'hello?' }))).toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'PEER_UNAVAILABLE',
    });
    world.peers.away.user = false;
    expect(await listAll(author)).toEqual([]);
  });

  test('is for the author and for admins', async () => {
    const [author, other] = [world.person(), world.person()];
    const denied = { code: 'PERMISSION_DENIED', reason: 'POLICY_DENIED' };
    expect(await refusalOf(world.posts.createPost(asUser(other), { authorId: author, text: 'as you' }))).toMatchObject(denied);
    expect(await refusalOf(world.posts.createPost(testContext(), { authorId: author, text: 'as you' }))).toMatchObject({
      code: 'UNAUTHENTICATED',
      reason: 'TOKEN_MISSING',
    });
    expect((await world.posts.createPost(asAdmin(), { authorId: author, text: 'for you' })).post?.authorId).toBe(author);
  });

  test.each([
    ['text', { text: 'x'.repeat(32_769) }],
    ['visibility', { visibility: 9 as 1 }],
    ['product_ids', { productIds: Array.from({ length: 11 }, () => newId()) }],
    ['product_ids[0]', { productIds: ['teapot'] }],
    ['author_id', { authorId: 'me' }],
    ['request_id', { requestId: 'again' }],
  ])('names the field %s of a bad request', async (field, broken) => {
    const author = world.person();
    const refusal = await refusalOf(world.posts.createPost(asAdmin(), { authorId: author, text: 'fine', ...broken }));
    expect(refusal).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'INVALID_FIELD',
      details: { violations: [{ field }] },
    });
  });

  test("an author's posts ascend, also on a replica whose clock is behind, and at once", async () => {
    const author = world.person();
    const late = await createApp(world.config, { now: () => Date.now() - 30_000 });
    const behind = feedClients({
      address: `127.0.0.1:${late.port}`,
      token: testKeys().tokenOf,
      log: silentLog,
      metrics: noMetrics,
    });
    const made: string[] = [];
    for (const posts of [world.posts, behind.posts, world.posts, behind.posts]) {
      const { post } = await posts.createPost(asUser(author), { authorId: author, text: 'next' });
      made.push(post!.postId);
    }
    expect(made).toEqual([...made].sort());
    await Promise.all(Array.from({ length: 8 }, () => world.publish(author)));
    expect(await listAll(author)).toHaveLength(12);
    behind.close();
    await late.close();
  });
});

describe('who sees a post', () => {
  test.each([
    ['the author', [PUBLIC, FOLLOWERS, PRIVATE]],
    ['a follower', [PUBLIC, FOLLOWERS]],
    ['a stranger', [PUBLIC]],
    ['nobody signed in', [PUBLIC]],
    ['an admin', [PUBLIC]],
    ['a service for the author', [PUBLIC, FOLLOWERS, PRIVATE]],
    ['a service for itself', [PUBLIC]],
    ['somebody from whom the author is hidden, though following', []],
  ])('%s: visibilities %o, by GetPost and ListPosts alike', async (who, visible) => {
    const [author, fan, stranger, blocked] = [world.person(), world.person(), world.person(), world.person()];
    world.edge(fan).add(author);
    world.edge(blocked).add(author);
    world.peers.hidden.add(`${blocked} ${author}`);
    const ctx = () => {
      switch (who) {
        case 'the author':
          return asUser(author);
        case 'a follower':
          return asUser(fan);
        case 'a stranger':
          return asUser(stranger);
        case 'an admin':
          return asAdmin();
        case 'a service for the author':
          return testContext({ caller: { kind: 'service', service: 'order', userId: author } });
        case 'a service for itself':
          return testContext({ caller: { kind: 'service', service: 'order' } });
        case 'nobody signed in':
          return testContext();
        default:
          return asUser(blocked);
      }
    };
    const seen: number[] = [];
    const shown: string[] = [];
    for (const visibility of [PUBLIC, FOLLOWERS, PRIVATE] as const) {
      const { postId } = await world.publish(author, 'x', { visibility });
      const got = await world.posts.getPost(ctx(), { postId }).catch((error: unknown) => error);
      if (visible.includes(visibility)) shown.unshift(postId);
      seen.push(got !== null && typeof got === 'object' && 'post' in got ? visibility : 0);
    }
    expect(seen.filter((visibility) => visibility > 0)).toEqual(visible);
    expect(await listAll(author, ctx)).toEqual(shown);
  });

  test('what may not be seen answers as what does not exist', async () => {
    const { postId } = await world.publish(world.person(), 'x', { visibility: PRIVATE });
    expect(await refusalOf(world.posts.getPost(testContext(), { postId }))).toMatchObject(NOT_FOUND);
    expect(await refusalOf(world.posts.getPost(testContext(), { postId: newId() }))).toMatchObject(NOT_FOUND);
  });

  test('while the graph is away nothing of others is shown, and the own posts are read without asking it', async () => {
    const [author, other] = [world.person(), world.person()];
    const { postId } = await world.publish(author);
    world.peers.away.graph = true;
    const asked = world.peers.calls.checkVisibility;
    expect((await world.posts.getPost(asUser(author), { postId })).post?.postId).toBe(postId);
    expect(await listAll(author)).toEqual([postId]);
    expect(world.peers.calls.checkVisibility).toBe(asked);
    expect(await refusalOf(world.posts.getPost(asUser(other), { postId }))).toMatchObject(UNKNOWN);
    expect(await refusalOf(world.posts.listPosts(testContext(), { authorId: author }))).toMatchObject(UNKNOWN);
    world.peers.away.graph = false;
    expect((await world.posts.getPost(asUser(other), { postId })).post?.postId).toBe(postId);
  });
});

describe('DeletePost', () => {
  test("hides one's own post from the answer on; again it changes nothing", async () => {
    const author = world.person();
    const [kept, gone] = [await world.publish(author), await world.publish(author)];
    await world.posts.deletePost(asUser(author), { postId: gone.postId });
    expect(await refusalOf(world.posts.getPost(asUser(author), { postId: gone.postId }))).toMatchObject(NOT_FOUND);
    expect(await listAll(author)).toEqual([kept.postId]);
    await world.posts.deletePost(asUser(author), { postId: gone.postId });
  });

  test("somebody else's post is as one that does not exist; an admin may delete it", async () => {
    const [author, other] = [world.person(), world.person()];
    const { postId } = await world.publish(author);
    for (const id of [postId, newId()])
      expect(await refusalOf(world.posts.deletePost(asUser(other), { postId: id }))).toMatchObject(NOT_FOUND);
    await world.posts.deletePost(asAdmin(), { postId });
    expect(await listAll(author)).toEqual([]);
  });

  test('one request id deletes one post', async () => {
    const author = world.person();
    const [first, second] = [await world.publish(author), await world.publish(author)];
    const requestId = newId();
    await world.posts.deletePost(asUser(author), { postId: first.postId, requestId });
    expect(await refusalOf(world.posts.deletePost(asUser(author), { postId: second.postId, requestId }))).toMatchObject({
      reason: 'REQUEST_ID_REUSED',
    });
    expect(await listAll(author)).toEqual([second.postId]);
  });
});

describe('ListPosts', () => {
  test('pages hold the visible posts newest first, each once; the last has no token', async () => {
    const [author, reader] = [world.person(), world.person()];
    const visible: string[] = [];
    for (let i = 0; i < 11; i++) {
      const { postId } = await world.publish(author, `no. ${i}`, { visibility: i % 3 === 2 ? PRIVATE : 1 });
      if (i % 3 !== 2) visible.unshift(postId);
    }
    for (const size of [1, 3, 4, 100]) expect(await listAll(author, () => asUser(reader), size)).toEqual(visible);
    const page = await world.posts.listPosts(asUser(reader), { authorId: author, pageSize: 8 });
    expect(page.nextPageToken).toBe('');
  });

  test('a token is good for its method, caller and author only, and not when tampered with', async () => {
    const [author, other] = [world.person(), world.person()];
    for (let i = 0; i < 3; i++) await world.publish(author);
    const { nextPageToken: token } = await world.posts.listPosts(asUser(author), { authorId: author, pageSize: 1 });
    const invalid = { code: 'INVALID_ARGUMENT', reason: 'PAGE_TOKEN_INVALID' };
    const list = (ctx = asUser(author), authorId = author, pageToken = token) =>
      refusalOf(world.posts.listPosts(ctx, { authorId, pageToken }));
    expect(await list(asUser(other))).toMatchObject(invalid);
    expect(await list(asUser(author), other)).toMatchObject(invalid);
    for (const broken of [token.slice(0, -1), `${token}A`, token.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')), 'x', '¤'])
      expect(await list(asUser(author), author, broken)).toMatchObject(invalid);
    const feed = world.feed.listHomeFeed(asUser(author), { viewerId: author, pageToken: token });
    expect(await refusalOf(feed)).toMatchObject(invalid);
    expect(await refusalOf(world.posts.listPosts(asUser(author), { authorId: author, pageSize: 101 }))).toMatchObject({
      reason: 'INVALID_FIELD',
    });
  });
});
