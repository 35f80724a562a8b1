import { newId } from '@plaza/core';
import { MediaType } from '@plaza/proto/plaza/feed/v1/post';
import type { PostChanges } from '@plaza/proto/plaza/feed/v1/post_service';
import { asAdmin, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { MAX_EDITS } from '../src/domain/posts/edit.ts';
import { createListReader } from '../src/store/posts/list-reader.ts';
import { keys, postsTable } from '../src/store/table.ts';
import { idsOf, refusalOf, startWorld, type World } from './world.ts';

const PUBLIC = 1;
const FOLLOWERS = 2;
const PRIVATE = 3;
const NOT_FOUND = { code: 'NOT_FOUND', reason: 'POST_NOT_FOUND', details: { domain: 'plaza.feed' } };

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
// Whatever a test that failed left away is back for the next one.
beforeEach(() => Object.assign(world.peers.away, { user: false, product: false, graph: false }));
afterAll(() => world?.close());

const edit: World['edit'] = (...args) => world.edit(...args);

const revisionsOf = async (postId: string, ctx = testContext()) =>
  (await world.posts.listPostRevisions(ctx, { postId })).revisions;

describe('UpdatePost', () => {
  test('changes what the mask names, and every next read shows it', async () => {
    const [author, fan] = [world.person(), world.person()];
    const [shown, other] = [world.product(), world.product()];
    const post = await world.publish(author, 'old #Tea for @Bobby', { productIds: [shown] });
    const media = [{ url: 'https://pictures.example/1', type: MediaType.IMAGE, width: 3, height: 4, altText: 'a cup' }];
    const edited = await edit(post, { text: 'new #Cups', media, productIds: [other] });
    expect(edited).toMatchObject({ text: 'new #Cups', hashtags: ['cups'], mentions: [], media, productIds: [other], etag: '2' });
    expect(edited).toMatchObject({ visibility: PUBLIC, createTime: post.createTime });
    const { post: read } = await world.posts.getPost(asUser(fan), { postId: post.postId });
    expect(read).toMatchObject({ text: 'new #Cups', media, updateTime: edited.updateTime });
    expect(read!.products.map(({ productId }) => productId)).toEqual([other]);
    expect((await world.posts.listPosts(asUser(fan), { authorId: author })).posts).toEqual([read]);
    expect(await lists({ hashtags: ['tea', 'cups'], products: [shown, other] }, post.postId)).toEqual(['cups', other]);

    const hidden = await edit(post, { visibility: PRIVATE });
    expect(hidden).toMatchObject({ text: 'new #Cups', visibility: PRIVATE, etag: '3' });
    expect(await refusalOf(world.posts.getPost(asUser(fan), { postId: post.postId }))).toMatchObject(NOT_FOUND);
    expect((await world.posts.listPosts(asUser(fan), { authorId: author })).posts).toEqual([]);
    expect(await lists({ hashtags: ['tea', 'cups'], products: [shown, other] }, post.postId)).toEqual([]);
  });

  test('what changes nothing leaves the etag and the past; the etag that was read last is asked for, if it is told', async () => {
    const author = world.person();
    const post = await world.publish(author, 'as it is');
    expect(await edit(post, { text: 'as it is', visibility: PUBLIC })).toEqual(post);
    expect(await revisionsOf(post.postId)).toEqual([]);
    expect((await edit(post, { text: 'second' }, { etag: '1' })).etag).toBe('2');
    expect(await refusalOf(edit(post, { text: 'third' }, { etag: '1' }))).toMatchObject({
      code: 'ABORTED',
      reason: 'ETAG_MISMATCH',
      details: { metadata: { etag: '2' } },
    });
  });

  test('ten edits at once all happen, one after the other; of ten that read the same, one does', async () => {
    const post = await world.publish(world.person(), 'at first');
    const all = await Promise.all(Array.from({ length: 10 }, (_, i) => edit(post, { text: `edit ${i}` })));
    expect(all.map(({ etag }) => Number(etag)).sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => i + 2));
    const tries = Array.from({ length: 10 }, (_, i) => edit(post, { text: `more ${i}` }, { etag: '11' }));
    const done = (await Promise.allSettled(tries)).filter(({ status }) => status === 'fulfilled');
    expect(done).toHaveLength(1);
  });

  test("somebody else's post is as one that does not exist; an admin edits what all may read", async () => {
    const [author, other] = [world.person(), world.person()];
    const post = await world.publish(author, 'mine');
    expect(await refusalOf(edit(post, { text: 'yours' }, {}, asUser(other)))).toMatchObject(NOT_FOUND);
    expect(await refusalOf(edit({ ...post, postId: newId() }, { text: 'x' }))).toMatchObject(NOT_FOUND);
    expect(await refusalOf(edit(post, { text: 'x' }, {}, testContext()))).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect((await edit(post, { text: 'moderated' }, {}, asAdmin())).text).toBe('moderated');
    await edit(post, { visibility: FOLLOWERS });
    expect(await refusalOf(edit(post, { visibility: PUBLIC }, {}, asAdmin()))).toMatchObject(NOT_FOUND);
  });

  test.each([
    ['update_mask', 'INVALID_FIELD', {}],
    ['changes.visibility', 'INVALID_FIELD', { visibility: 0 as const }],
    ['changes.text', 'TEXT_TOO_LONG', { text: 'e\u0301'.repeat(2001) }],
    ['changes.text', 'POST_EMPTY', { text: ' ' }],
    ['changes.media[0].url', 'INVALID_FIELD', { media: [{ url: 'http://x.y/z', type: 1, width: 0, height: 0, altText: '' }] }],
  ] satisfies [string, string, Partial<PostChanges>][])(
    'names the field %s of a bad edit: %s',
    async (field, reason, changes) => {
      const post = await world.publish(world.person());
      expect(await refusalOf(edit(post, changes))).toMatchObject({
        code: 'INVALID_ARGUMENT',
        reason,
        details: { violations: [{ field }] },
      });
      expect((await edit(post, { text: 'e\u0301'.repeat(2000) })).etag).toBe('2');
    },
  );

  test('only products that are new to the post are asked for', async () => {
    const author = world.person();
    const [gone, kept] = [world.product(), world.product()];
    const post = await world.publish(author, 'look', { productIds: [gone, kept] });
    world.peers.products.delete(gone);
    const made = newId();
    expect(await refusalOf(edit(post, { productIds: [made, gone] }))).toMatchObject({
      reason: 'PRODUCT_NOT_FOUND',
      details: { metadata: { product_ids: made } },
    });
    world.peers.away.product = true;
    expect((await edit(post, { productIds: [gone], text: 'still' })).productIds).toEqual([gone]);
    expect(await refusalOf(edit(post, { productIds: [kept] }))).toMatchObject({ reason: 'PEER_UNAVAILABLE' });
    world.peers.away.product = false;
    expect((await edit(post, { productIds: [kept] })).etag).toBe('3');
  });

  test('a repeated request is answered as the first, from what is kept anyway; once the post is deleted, it is not', async () => {
    const author = world.person();
    const post = await world.publish(author, 'a');
    const requestId = newId();
    const first = await edit(post, { text: 'my secret' }, { requestId });
    expect(await edit(post, { text: 'my secret' }, { requestId })).toEqual(first);
    await edit(post, { text: 'no more' });
    expect(await edit(post, { text: 'my secret' }, { requestId })).toEqual(first);
    expect(await refusalOf(edit(post, { text: 'other' }, { requestId }))).toMatchObject({ reason: 'REQUEST_ID_REUSED' });
    await world.posts.deletePost(asUser(author), { postId: post.postId });
    expect(await refusalOf(edit(post, { text: 'my secret' }, { requestId }))).toMatchObject(NOT_FOUND);
    const pk = `RQ#user:${author}#plaza.feed.v1.PostService/UpdatePost#${requestId}`;
    const [request, rows] = await Promise.all(
      [pk, keys.post(post.postId).pk].map(async (one) => (await world.db.query(testContext(), postsTable, { pk: one })).items),
    );
    expect([request!.length, rows!.map(({ sk }) => sk)]).toEqual([1, ['META']]);
    expect(JSON.stringify([request, rows])).not.toContain('secret');
  });
});

test('the largest post, edited as often as may be, is deleted with all of its past at once', async () => {
  const author = world.person();
  // As many bytes as the limits allow, or nearly: DynamoDB takes 4 MB in one transaction.
  const media = Array.from({ length: 4 }, () => ({
    url: `https://pictures.example/${'u'.repeat(990)}`,
    type: MediaType.IMAGE,
    width: 1,
    height: 1,
    altText: '🍵'.repeat(250),
  }));
  const tags = (n: number) => Array.from({ length: 20 }, (_, i) => `#t${n % 2}x${i}`).join(' ');
  const text = (n: number) => `${tags(n)} ${n} ${`é${'\u0323'.repeat(4)}`.repeat(1_850)}`;
  const post = await world.publish(author, text(0));
  const row = (await world.db.get(testContext(), postsTable, keys.post(post.postId)))!;
  const past = Array.from({ length: MAX_EDITS }, (_, n) => ({
    ...row,
    media,
    text: text(n),
    version: n + 1,
    endedAt: Date.now(),
  }));
  await world.db.batchWrite(testContext(), postsTable, {
    put: [
      { ...row, media, version: MAX_EDITS + 1 },
      ...past.map((was) => ({ ...was, ...keys.revision(post.postId, was.version) })),
    ],
  });
  expect(await refusalOf(edit(post, { text: 'one more' }))).toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'EDIT_LIMIT',
    details: { metadata: { max: String(MAX_EDITS) } },
  });
  await world.posts.deletePost(asUser(author), { postId: post.postId });
  const left = await world.db.query(testContext(), postsTable, { pk: keys.post(post.postId).pk });
  expect(left.items.map(({ sk }) => sk)).toEqual(['META']);
});

describe('ListPostRevisions', () => {
  test('what a post was, the last first, in pages, each until the next began', async () => {
    const post = await world.publish(world.person(), 'no. 1');
    let now = post;
    for (let n = 2; n <= 6; n++) now = await edit(post, { text: `no. ${n}` });
    const found = [];
    for (let pageToken = ''; ;) {
      const page = await world.posts.listPostRevisions(testContext(), { postId: post.postId, pageSize: 2, pageToken });
      found.push(...page.revisions);
      pageToken = page.nextPageToken;
      if (pageToken === '') break;
    }
    expect(found.map(({ text, etag }) => [text, etag])).toEqual([5, 4, 3, 2, 1].map((n) => [`no. ${n}`, String(n)]));
    const times = [now.updateTime, ...found.map(({ beginTime }) => beginTime)];
    expect(found.map(({ endTime }) => endTime)).toEqual(times.slice(0, -1));
    expect(times.at(-1)).toEqual(post.createTime);
  });

  test('who publishes what was PRIVATE does not publish its past; nor does the past of a post show that is not to be seen', async () => {
    const [author, fan, stranger] = [world.person(), world.person(), world.person()];
    world.edge(fan).add(author);
    const post = await world.publish(author, 'for me', { visibility: PRIVATE });
    await edit(post, { text: 'for fans', visibility: FOLLOWERS });
    await edit(post, { text: 'for all', visibility: PUBLIC });
    await edit(post, { text: 'for all, again' });
    const textsFor = async (ctx = testContext()) => (await revisionsOf(post.postId, ctx)).map(({ text }) => text);
    expect(await textsFor(asUser(author))).toEqual(['for all', 'for fans', 'for me']);
    expect(await textsFor(asUser(fan))).toEqual(['for all', 'for fans']);
    for (const ctx of [asUser(stranger), asAdmin(), testContext()]) expect(await textsFor(ctx)).toEqual(['for all']);
    world.peers.away.graph = true;
    expect(await refusalOf(textsFor())).toMatchObject({ reason: 'VISIBILITY_UNKNOWN' });
    world.peers.away.graph = false;
    await edit(post, { visibility: PRIVATE });
    expect(await refusalOf(textsFor(asUser(fan)))).toMatchObject(NOT_FOUND);
    expect(await refusalOf(revisionsOf(newId()))).toMatchObject(NOT_FOUND);
  });
});

test('a post that is PRIVATE no more comes into feeds, and leaves them when it is again', { timeout: 60_000 }, async () => {
  const [author, fan] = [world.person(), world.person()];
  world.edge(fan).add(author);
  await world.awake(author, fan);
  const post = await world.publish(author, 'for me', { visibility: PRIVATE });
  const rows = (count: number) =>
    eventually(
      async () => expect([await world.rowsOf(author), await world.rowsOf(fan)].map(({ length }) => length)).toEqual([1, count]),
      {
        timeoutMs: 20_000,
      },
    );
  await rows(0);
  for (const [visibility, count] of [
    [FOLLOWERS, 1],
    [PRIVATE, 0],
    [PUBLIC, 1],
  ] as const) {
    await edit(post, { visibility });
    // Hidden from the answer on, whatever rows are left.
    expect(count === 0 ? await world.readFeed(fan) : []).toEqual([]);
    await rows(count);
    expect(idsOf(await world.readFeed(fan))).toHaveLength(count);
    expect(idsOf(await world.readFeed(author))).toEqual([post.postId]);
  }
});

/** Which of the lists have the post. */
const lists = async (among: { hashtags: string[]; products: string[] }, postId: string): Promise<string[]> => {
  const reader = createListReader({ db: world.db, now: Date.now });
  const has = async (list: 'HASHTAG' | 'PRODUCT', of: string) =>
    (await reader.spread(list, of)(testContext(), undefined, 100)).rows.some(({ id }) => id === postId) ? [of] : [];
  const found = [...among.hashtags.map((tag) => has('HASHTAG', tag)), ...among.products.map((id) => has('PRODUCT', id))];
  return (await Promise.all(found)).flat();
};
