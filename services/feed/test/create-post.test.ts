import { feedClients } from '@plaza/clients';
import { newId, noMetrics, silentLog } from '@plaza/core';
import { MediaType } from '@plaza/proto/plaza/feed/v1/post';
import { asAdmin, asUser, testContext, testKeys } from '@plaza/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../src/app.ts';
import { keys, postsTable } from '../src/store/table.ts';
import { refusalOf, startWorld, type World } from './world.ts';

const FOLLOWERS = 2;
const PRIVATE = 3;

let world: World;
beforeAll(async () => {
  world = await startWorld({ workers: 0 });
});
afterAll(() => world.close());

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
  expect(await world.listAll(author)).toEqual([]);
});

test('one request id is one post, however often and at once it is sent; with another body it is refused', async () => {
  const author = world.person();
  const request = { authorId: author, text: 'once', requestId: newId() };
  const answers = await Promise.all(Array.from({ length: 6 }, () => world.posts.createPost(asUser(author), request)));
  expect(new Set(answers.map(({ post }) => post?.postId)).size).toBe(1);
  expect(await world.listAll(author)).toEqual([answers[0]?.post?.postId]);
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
  expect(await world.listAll(author)).toEqual([]);
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
  expect(await world.listAll(author)).toHaveLength(12);
  behind.close();
  await late.close();
});

test.each([
  ['TEXT_TOO_LONG', { text: 'ã̂'.repeat(2000) + 'xy' }, { characters: '2002', max: '2000' }],
  ['POST_EMPTY', { text: '' }, {}],
  ['POST_EMPTY', { text: ' \n\t\u2003' }, {}],
  ['POST_EMPTY', { text: '\u200b\u2060 \ufe0f' }, {}],
])('refuses with %s what is too long or says nothing', async (reason, broken, metadata) => {
  const author = world.person();
  const refusal = await refusalOf(world.posts.createPost(asUser(author), { authorId: author, ...broken }));
  const details = { violations: [{ field: 'text' }], metadata };
  expect(refusal).toMatchObject({ code: 'INVALID_ARGUMENT', reason, details });
  expect(await world.listAll(author)).toEqual([]);
});

test('two thousand characters are a text, however many bytes each takes; a picture or a product says enough', async () => {
  const author = world.person();
  const make = async (wish: object) => (await world.posts.createPost(asUser(author), { authorId: author, ...wish })).post!;
  const text = 'ã̂'.repeat(2000);
  expect((await make({ text })).text).toBe(text);
  const media = [
    { url: 'https://pictures.example/1?size=2', type: MediaType.IMAGE, width: 640, height: 480, altText: 'a cup of tea' },
    { url: 'https://films.example/2', type: MediaType.VIDEO, width: 0, height: 0, altText: '' },
  ];
  const shown = await make({ media });
  expect(shown).toMatchObject({ text: '', media, rootPostId: shown.postId, replyToPostId: '', depth: 0, etag: '1' });
  const productIds = [world.product()];
  expect((await make({ productIds })).productIds).toEqual(productIds);
});

describe('an answer', () => {
  const answer = async (to: string, authorId = world.person(), ctx = asUser(authorId), more: object = {}) =>
    (await world.posts.createPost(ctx, { authorId, text: 'an answer', replyToPostId: to, ...more })).post!;
  const MISSING = {
    code: 'NOT_FOUND',
    reason: 'REPLY_TO_NOT_FOUND',
    details: { violations: [{ field: 'reply_to_post_id' }] },
  };

  test('goes on the thread of what it answers', async () => {
    const root = await world.publish(world.person());
    const first = await answer(root.postId);
    expect(first).toMatchObject({ replyToPostId: root.postId, rootPostId: root.postId, depth: 1 });
    const second = await answer(first.postId);
    expect(second).toMatchObject({ replyToPostId: first.postId, rootPostId: root.postId, depth: 2 });
    const { post: read } = await world.posts.getPost(testContext(), { postId: second.postId });
    expect(read).toMatchObject({ replyToPostId: first.postId, rootPostId: root.postId, depth: 2 });
  });

  test('is for who may see the post, whoever writes it down for them', async () => {
    const [author, fan, stranger] = [world.person(), world.person(), world.person()];
    world.edge(fan).add(author);
    const forFans = await world.publish(author, 'x', { visibility: FOLLOWERS });
    const forNobody = await world.publish(author, 'x', { visibility: PRIVATE });
    for (const by of [asUser(fan), asAdmin()]) expect((await answer(forFans.postId, fan, by)).depth).toBe(1);
    for (const by of [asUser(author), asAdmin()]) expect((await answer(forNobody.postId, author, by)).depth).toBe(1);
    for (const by of [asUser(stranger), asAdmin()]) {
      expect(await refusalOf(answer(forFans.postId, stranger, by))).toMatchObject(MISSING);
      expect(await refusalOf(answer(forNobody.postId, stranger, by))).toMatchObject(MISSING);
    }
    expect(await refusalOf(answer(newId(), fan))).toMatchObject(MISSING);
    world.peers.hidden.add(`${fan} ${author}`);
    for (const by of [asUser(fan), asAdmin()]) expect(await refusalOf(answer(forFans.postId, fan, by))).toMatchObject(MISSING);
  });

  test('is refused while it is not known who may see what', async () => {
    const { postId } = await world.publish(world.person());
    world.peers.away.graph = true;
    expect(await refusalOf(answer(postId))).toMatchObject({ code: 'UNAVAILABLE', reason: 'VISIBILITY_UNKNOWN' });
    world.peers.away.graph = false;
    expect((await answer(postId)).depth).toBe(1);
  });

  test('stays when the post is deleted, and so does the answer to its request; nobody begins to answer a tombstone', async () => {
    const author = world.person();
    const { postId, authorId } = await world.publish(world.person());
    const requestId = newId();
    const first = await answer(postId, author, asUser(author), { requestId });
    await world.posts.deletePost(asUser(authorId), { postId });
    expect(await answer(postId, author, asUser(author), { requestId })).toEqual(first);
    expect(await refusalOf(answer(postId, author))).toMatchObject(MISSING);
    expect(await world.listAll(author)).toEqual([first.postId]);
  });
});
