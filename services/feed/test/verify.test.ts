import { newId, silentLog } from '@plaza/core';
import { put } from '@plaza/dynamo';
import { createMetrics } from '@plaza/rpc';
import { asUser, testContext } from '@plaza/testing';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';

import { createAuditor, touching } from '../src/auditor.ts';
import { feedAdminHandlers } from '../src/handlers/index.ts';
import { storyKey } from '../src/domain/home/entry.ts';
import { createEntryReader } from '../src/store/home/entry-reader.ts';
import { storyRow } from '../src/store/home/story-row.ts';
import { homeFeedTable, keys, postsTable } from '../src/store/table.ts';
import { createVerify, type Verify } from '../src/verify.ts';
import { THRESHOLDS } from '../src/domain/home/mode.ts';
import { noRedis } from './in-memory.ts';
import { simulate } from './simulated.ts';

afterAll(() => noRedis.close());

/** A viewer who follows an author and not a stranger, each with posts; the feed was read and put together. Newest first. */
const story = async (posts = 3) => {
  const plaza = simulate({ turn: async () => undefined, fault: () => undefined, twice: () => false, lag: () => 0 }, THRESHOLDS);
  const [viewer, author, stranger] = [newId(), newId(), newId()];
  plaza.follow(viewer, author);
  const post = async (authorId: string, visibility: 1 | 2 | 3 = 1) => {
    const request = { authorId, text: 'x', media: [], productIds: [], visibility, requestId: newId(), replyToPostId: '' };
    const { post: made } = await plaza.posts.createPost(asUser(authorId), request);
    await plaza.settle(0);
    return made!.postId!;
  };
  const read = async () => {
    const page = await plaza.feed.listHomeFeed(asUser(viewer), { viewerId: viewer, pageSize: 100, pageToken: '', order: 0 });
    await plaza.settle(0);
    return page.items.map(({ itemId }) => itemId);
  };
  await read();
  const ids: string[] = [];
  for (let i = 0; i < posts; i++) ids.unshift(await post(author));
  const admin = feedAdminHandlers(plaza.rpc);
  return {
    plaza,
    viewer,
    author,
    stranger,
    ids,
    post,
    read,
    admin,
    verify: (maxItems = 0) => admin.verifyFeed(testContext(), { viewerId: viewer, maxItems }),
    explain: async (postId: string) => {
      const { shown, rules } = await admin.explainFeedItem(testContext(), { viewerId: viewer, postId });
      return { shown, failed: rules.filter(({ passed }) => !passed).map(({ rule }) => rule), rules };
    },
    removeRow: (key: string) => plaza.db.batchWrite(testContext(), homeFeedTable, { remove: [keys.feedRow(viewer, key)] }),
    addRow: (key: string, source: string) =>
      plaza.feeds.homeFeeds.addRows(testContext(), [{ viewerId: viewer, entry: key, sourceId: source }]),
  };
};

const CLEAN = { missing: [], extra: [], leaked: [] };

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

test('each rule about a post is told with its verdict', async () => {
  const { plaza, viewer, author, stranger, ids, post, explain, removeRow } = await story();
  expect(await explain(ids[0]!)).toMatchObject({ shown: true, failed: [] });
  expect((await explain(ids[0]!)).rules.map(({ rule }) => rule)).toEqual([
    'POST_EXISTS',
    'NOT_DELETED',
    'NOT_HIDDEN',
    'VISIBILITY',
    'AUTHOR_FOLLOWED',
    'NOT_MUTED',
    'IN_TIMELINE',
    'PROPOSED',
    'JUDGED',
  ]);
  expect(await explain(newId())).toMatchObject({ shown: false, failed: ['POST_EXISTS'] });
  expect((await explain(await post(stranger))).failed).toEqual(['AUTHOR_FOLLOWED', 'PROPOSED', 'JUDGED']);
  expect((await explain(await post(author, 3))).failed).toContain('VISIBILITY');
  await plaza.posts.deletePost(asUser(author), { postId: ids[2]!, requestId: newId() });
  expect((await explain(ids[2]!)).failed).toContain('NOT_DELETED');
  await removeRow(ids[0]!);
  const holed = await explain(ids[0]!);
  expect(holed.failed).toEqual(['PROPOSED']);
  expect(holed.rules.find(({ rule }) => rule === 'PROPOSED')?.detail).toContain('there is no row');
  plaza.unfollow(viewer, author);
  expect((await explain(ids[1]!)).failed).toEqual(expect.arrayContaining(['AUTHOR_FOLLOWED', 'JUDGED']));
});

const auditorOf = ({ plaza }: Awaited<ReturnType<typeof story>>, verify: Verify['verify'] = plaza.rpc.checker.verify) => {
  const metrics = createMetrics();
  const { skeleton } = plaza.feeds;
  const rebuild = (...args: Parameters<typeof skeleton.rebuild>) => skeleton.rebuild(...args);
  const auditor = createAuditor({ verify, rebuild, log: silentLog, metrics, confirmMs: 0 });
  return { auditor, metrics };
};

test('the auditor finds what is wrong in a feed that was touched, tells how much it is, and repairs it', async () => {
  const world = await story();
  const { viewer, ids, removeRow, read, plaza } = world;
  const { auditor, metrics } = auditorOf(world);
  expect(await auditor.look(), 'nothing was touched').toBeUndefined();
  const said: string[] = [];
  const live = touching(auditor, { pushed: (entry) => said.push(entry), pulled: () => undefined });
  live.pushed(ids[0]!, viewer, [viewer]);
  expect(said).toEqual(ids.slice(0, 1));
  expect(await auditor.look()).toMatchObject({ ...CLEAN, items: 3 });
  await removeRow(ids[0]!);
  auditor.touched([viewer]);
  expect(await auditor.look()).toMatchObject({ ...CLEAN, missing: [ids[0]] });
  await plaza.settle(0);
  expect(await read()).toEqual(ids);
  const text = await metrics.text();
  expect(text).toContain('feed_audit_items_total 6');
  expect(text).toContain('feed_audit_inconsistencies_total{kind="missing"} 1');
  expect(text).toMatch(/feed_audit_inconsistencies_per_million 166666/);
});

test('what was only on its way is no fault', async () => {
  const world = await story();
  const { viewer, author, ids, removeRow, addRow, plaza } = world;
  await removeRow(ids[0]!);
  const found: number[] = [];
  const { auditor } = auditorOf(world, async (...args) => {
    const findings = await plaza.rpc.checker.verify(...args);
    found.push(findings.missing.length);
    await addRow(ids[0]!, author);
    return findings;
  });
  auditor.touched([viewer]);
  expect(await auditor.look()).toMatchObject(CLEAN);
  expect(found).toEqual([1, 0]);
  expect(await plaza.rpc.states.get(testContext(), viewer)).toMatchObject({ epoch: 1 });
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
