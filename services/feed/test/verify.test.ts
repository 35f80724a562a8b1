import { newId } from '@plaza/core';
import { put } from '@plaza/dynamo';
import { asUser, testContext } from '@plaza/testing';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';

import { storyKey } from '../src/domain/home/entry.ts';
import { createEntryReader } from '../src/store/home/entry-reader.ts';
import { storyRow } from '../src/store/home/story-row.ts';
import { keys, postsTable } from '../src/store/table.ts';
import { createVerify } from '../src/verify.ts';
import { noRedis } from './in-memory.ts';
import { CLEAN, story } from './verify-scene.ts';

afterAll(() => noRedis.close());

test('a feed that is right is found right, whatever is hidden in it', async () => {
  const { plaza, viewer, author, stranger, post, verify, read } = await story();
  await post(author, 3);
  await post(author, 2);
  await post(viewer, 3);
  await post(stranger);
  const gone = await post(author);
  await plaza.posts.deletePost(asUser(author), { postId: gone, requestId: newId() });
  expect(await read()).toHaveLength(5);
  expect(await verify()).toMatchObject({ ...CLEAN, state: 1 });
});

test('a row that is missing is told, and a rebuilding brings it back', async () => {
  const { plaza, viewer, ids, verify, removeRow, admin, read } = await story();
  await removeRow(ids[1]!);
  expect(await read()).toEqual([ids[0], ids[2]]);
  expect(await verify()).toMatchObject({ ...CLEAN, items: 3, missing: [ids[1]] });
  const { epoch } = await admin.rebuildFeed(testContext(), { viewerId: viewer, requestId: '' });
  expect(epoch).toBe(2n);
  await plaza.settle(0);
  expect(await read()).toEqual(ids);
  expect(await verify()).toMatchObject({ ...CLEAN, state: 1 });
});

test('a row of somebody who is not followed is not shown, so that it is no fault', async () => {
  const { stranger, post, addRow, verify, read, ids } = await story();
  await addRow(await post(stranger), stranger);
  expect(await read()).toEqual(ids);
  expect(await verify()).toMatchObject(CLEAN);
});

test('reposts and purchases are compared too, in the feeds of followers', async () => {
  const { plaza, viewer, author, stranger, post, verify, read, removeRow, addRow } = await story();
  const postId = await post(stranger);
  await plaza.posts.repost(asUser(author), { userId: author, postId, requestId: newId() });
  await plaza.settle();
  const repost = (await read())[0]!;
  expect(repost).toContain(postId);
  const place = newId();
  const bought = (sourceId: string) => storyRow(place, { kind: 'PURCHASE', sourceId, orderId: newId(), productIds: [newId()] });
  await plaza.db.transact(
    testContext(),
    [author, stranger].map((who) => put(postsTable, bought(who))),
  );
  await addRow(storyKey(place, author), author);
  await addRow(storyKey(place, stranger), stranger);
  expect(await verify()).toMatchObject({ ...CLEAN, items: 5 });
  for (const key of [repost, storyKey(place, author)]) await removeRow(key);
  expect((await verify()).missing.toSorted()).toEqual([repost, storyKey(place, author)].toSorted());
  await plaza.posts.undoRepost(asUser(author), { userId: author, postId, requestId: newId() });
  expect((await verify()).missing).toEqual([storyKey(place, author)]);
  plaza.unfollow(viewer, author);
  expect(await verify()).toMatchObject(CLEAN);
});

test('what stands in no timeline of a source is extra', async () => {
  const { plaza, author, ids, verify } = await story();
  await plaza.db.batchWrite(testContext(), postsTable, { remove: [keys.authorPost(author, ids[0]!)] });
  expect(await verify()).toMatchObject({ ...CLEAN, extra: [ids[0]] });
});

test('rules that let through what they must not are found out', async () => {
  const { plaza, viewer, author, stranger, ids, post, addRow } = await story();
  const secret = await post(author, 3);
  const strange = await post(stranger);
  const followers = await post(stranger, 2);
  for (const key of [secret, strange, followers]) await addRow(key, author);
  await plaza.posts.deletePost(asUser(author), { postId: ids[0]!, requestId: newId() });
  await addRow(ids[0]!, author);
  const { feeds, rpc, graph } = plaza;
  const entries = createEntryReader({ db: plaza.db });
  const lax = { judge: async (_ctx: unknown, entries: readonly unknown[]) => entries.map(() => ({})) } as never;
  const { verify } = createVerify({ ...feeds, feedReading: lax, posts: rpc.posts, entries, graph });
  const found = await verify(testContext(), viewer, 100);
  expect(found.missing).toEqual([]);
  expect(found.leaked.toSorted()).toEqual([ids[0]!, secret, followers].sort());
  expect(found.extra).toEqual([strange]);
  const blind = { judge: async (_ctx: unknown, entries: readonly unknown[]) => entries.map(() => undefined) } as never;
  const strict = createVerify({ ...feeds, feedReading: blind, posts: rpc.posts, entries, graph });
  expect((await strict.verify(testContext(), viewer, 100)).missing.toSorted()).toEqual(ids.slice(1).sort());
});

test('it stops where it is told to, and leaves a feed asleep that nobody reads', async () => {
  const { plaza, ids, author, removeRow, verify } = await story(150);
  await removeRow(ids[120]!);
  expect((await verify(50)).missing).toEqual([]);
  expect((await verify(140)).missing).toEqual([ids[120]]);
  const sleeper = newId();
  plaza.follow(sleeper, author);
  await plaza.settle(0);
  const { checker, states } = plaza.rpc;
  expect(await checker.verify(testContext(), sleeper, 200)).toMatchObject({ ...CLEAN, items: 150 });
  expect(await states.get(testContext(), sleeper)).toBeUndefined();
});

test('of a feed that is right, any part is found right', async () => {
  const { ids, verify, removeRow } = await story(30);
  for (const maxItems of [1, 2, 3, 7, 29]) expect(await verify(maxItems)).toMatchObject(CLEAN);
  // So many more that the timelines are not compared to their ends.
  for (const key of ids.slice(1, 20)) await removeRow(key);
  const { items, missing } = await verify(2);
  expect([items, missing.toSorted()]).toEqual([10, ids.slice(1, 10).toSorted()]);
});

const step = fc.oneof(
  fc.record({
    kind: fc.constant('post' as const),
    who: fc.nat(2),
    visibility: fc.constantFrom(1 as const, 2 as const, 3 as const),
  }),
  fc.record({ kind: fc.constantFrom('follow' as const, 'unfollow' as const), who: fc.nat(2), whom: fc.nat(2) }),
  fc.record({ kind: fc.constant('delete' as const), which: fc.nat(5) }),
  fc.record({ kind: fc.constant('read' as const), who: fc.nat(2) }),
);

test('after any history all feeds are found right', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { plaza, viewer, author, stranger, post } = await story(1);
      const people = [viewer, author, stranger];
      const made: { postId: string; authorId: string }[] = [];
      for (const one of steps) {
        if (one.kind === 'post') made.push({ postId: await post(people[one.who]!, one.visibility), authorId: people[one.who]! });
        if ((one.kind === 'follow' || one.kind === 'unfollow') && one.who !== one.whom)
          plaza[one.kind](people[one.who]!, people[one.whom]!);
        const gone = one.kind === 'delete' ? made[one.which] : undefined;
        if (gone) await plaza.posts.deletePost(asUser(gone.authorId), { postId: gone.postId, requestId: newId() });
        const viewerId = one.kind === 'read' ? people[one.who]! : undefined;
        if (viewerId) await plaza.feed.listHomeFeed(asUser(viewerId), { viewerId, pageSize: 20, pageToken: '', order: 0 });
      }
      await plaza.settle(0);
      for (const one of people) expect(await plaza.rpc.checker.verify(testContext(), one, 100)).toMatchObject(CLEAN);
    }),
    { numRuns: 60 },
  );
});
