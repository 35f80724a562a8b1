import { newId } from '@plaza/core';
import { asAdmin, asUser, testContext } from '@plaza/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { refusalOf, startWorld, type World } from './world.ts';

const PUBLIC = 1;
const FOLLOWERS = 2;
const PRIVATE = 3;

let world: World;
beforeAll(async () => {
  world = await startWorld({ workers: 0 });
});
afterAll(() => world.close());

const NOT_FOUND = { code: 'NOT_FOUND', reason: 'POST_NOT_FOUND', details: { domain: 'plaza.feed' } };
const UNKNOWN = { code: 'UNAVAILABLE', reason: 'VISIBILITY_UNKNOWN', details: { domain: 'plaza.feed' } };

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
    expect(await world.listAll(author, ctx)).toEqual(shown);
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
    expect(await world.listAll(author)).toEqual([postId]);
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
    expect(await world.listAll(author)).toEqual([kept.postId]);
    await world.posts.deletePost(asUser(author), { postId: gone.postId });
  });

  test("somebody else's post is as one that does not exist; an admin may delete it", async () => {
    const [author, other] = [world.person(), world.person()];
    const { postId } = await world.publish(author);
    for (const id of [postId, newId()])
      expect(await refusalOf(world.posts.deletePost(asUser(other), { postId: id }))).toMatchObject(NOT_FOUND);
    await world.posts.deletePost(asAdmin(), { postId });
    expect(await world.listAll(author)).toEqual([]);
  });

  test('one request id deletes one post', async () => {
    const author = world.person();
    const [first, second] = [await world.publish(author), await world.publish(author)];
    const requestId = newId();
    await world.posts.deletePost(asUser(author), { postId: first.postId, requestId });
    expect(await refusalOf(world.posts.deletePost(asUser(author), { postId: second.postId, requestId }))).toMatchObject({
      reason: 'REQUEST_ID_REUSED',
    });
    expect(await world.listAll(author)).toEqual([second.postId]);
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
    for (const size of [1, 3, 4, 100]) expect(await world.listAll(author, () => asUser(reader), size)).toEqual(visible);
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

describe('BatchGetPosts', () => {
  test('posts come in the order in which they were asked for, each once; those not to be had are named', async () => {
    const [author, reader] = [world.person('ann'), world.person()];
    const productId = world.product('a cup');
    const [a, b] = [await world.publish(author, 'a', { productIds: [productId] }), await world.publish(author, 'b')];
    const hidden = await world.publish(author, 'c', { visibility: PRIVATE });
    const deleted = await world.publish(author, 'd');
    await world.posts.deletePost(asUser(author), { postId: deleted.postId });
    const nothing = newId();
    const postIds = [b, hidden, a, b, deleted].map(({ postId }) => postId).concat(nothing, nothing);
    const asked = world.peers.calls.checkVisibility;
    const { posts, missingIds } = await world.posts.batchGetPosts(asUser(reader), { postIds });
    expect(world.peers.calls.checkVisibility).toBe(asked + 1);
    expect(posts.map(({ postId }) => postId)).toEqual([b.postId, a.postId]);
    expect(missingIds).toEqual([hidden.postId, deleted.postId, nothing]);
    expect(posts[1]).toMatchObject({ author: { username: 'ann' }, products: [{ name: 'a cup' }], counts: { likes: 0n } });
    const own = await world.posts.batchGetPosts(asUser(author), { postIds });
    expect(own.missingIds).toEqual([deleted.postId, nothing]);
    expect((await world.posts.batchGetPosts(testContext(), { postIds: [nothing] })).posts).toEqual([]);
  });

  test('a hundred at most, and none while it is not known who may see what', async () => {
    const { postId } = await world.publish(world.person());
    const hundred = Array.from({ length: 99 }, () => newId()).concat(postId);
    const { posts, missingIds } = await world.posts.batchGetPosts(testContext(), { postIds: hundred });
    expect([posts.length, missingIds.length]).toEqual([1, 99]);
    for (const postIds of [[], [...hundred, newId()], ['teapot']])
      expect(await refusalOf(world.posts.batchGetPosts(testContext(), { postIds }))).toMatchObject({ reason: 'INVALID_FIELD' });
    world.peers.away.graph = true;
    expect(await refusalOf(world.posts.batchGetPosts(testContext(), { postIds: hundred }))).toMatchObject(UNKNOWN);
    world.peers.away.graph = false;
  });
});
