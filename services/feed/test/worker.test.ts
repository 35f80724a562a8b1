import { eventAdminClient } from '@plaza/clients';
import { newId, noMetrics, silentLog } from '@plaza/core';
import { createDeadLetterStore } from '@plaza/dynamo';
import { fanOutChunk, followsImported, type TaskType } from '@plaza/events';
import type { FanOutChunk } from '@plaza/proto/plaza/feed/v1/tasks';
import { asAdmin, asUser, eventually, testContext, testKeys } from '@plaza/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createReceiptStore } from '../src/store/home/receipt-store.ts';
import { homeFeedTable, keys, postsTable } from '../src/store/table.ts';
import { idsOf, startWorld, type World } from './world.ts';

let world: World;
let admin: ReturnType<typeof eventAdminClient>;
beforeAll(async () => {
  // A minute ahead, so that no event is news: every one may be a replay.
  world = await startWorld({ workers: 2, workerNow: () => Date.now() + 60_000 });
  admin = eventAdminClient({
    address: `127.0.0.1:${world.app.port}`,
    token: testKeys().tokenOf,
    log: silentLog,
    metrics: noMetrics,
  });
});
afterAll(async () => {
  admin.close();
  await world.close();
});

const rowsBecome = (viewerId: string, ids: readonly string[]) =>
  eventually(async () => expect(await world.rowsOf(viewerId)).toEqual(ids), { timeoutMs: 20_000 });

/** Newest first. */
const publishMany = async (authorId: string, count: number): Promise<string[]> => {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.unshift((await world.publish(authorId)).postId);
  return ids;
};

const CHUNK = { chunk: 0, remove: false, planId: newId() };

/** When this task is done, so are the events that were queued before it. */
const taskDone = async (task: TaskType<FanOutChunk>, payload: FanOutChunk, viewer: string, postId: string) => {
  await world.events.bus.enqueue(task, payload, { id: newId() });
  await eventually(async () => expect(await world.rowsOf(viewer)).toContain(postId));
};

describe('fan-out', () => {
  test('more followers than one chunk holds: everyone gets the post, the receipt counts the chunks', async () => {
    const author = world.person();
    const fans = Array.from({ length: 1100 }, () => newId());
    for (const fan of fans) world.edge(fan).add(author);
    await world.awakeAtOnce([author, ...fans]);
    const { postId } = await world.publish(author);
    await eventually(
      async () => {
        const receipt = await createReceiptStore({ db: world.db }).get(testContext(), postId);
        expect([receipt?.chunks, receipt?.done.size]).toEqual([3, 3]);
      },
      { timeoutMs: 20_000 },
    );
    const rows = await world.db.batchGet(
      testContext(),
      homeFeedTable,
      [author, ...fans].map((viewer) => keys.feedRow(viewer, postId)),
    );
    expect(rows.filter((row) => row?.['source'] === author)).toHaveLength(1101);
    for (const fan of fans) world.edge(fan).clear();
  });

  test("a private post is in its author's feed alone, and nobody asks for followers", async () => {
    const [author, fan] = [world.person(), world.person()];
    world.edge(fan).add(author);
    await world.awake(author, fan);
    const asked = world.peers.calls.streamFollowers;
    const { postId } = await world.publish(author, 'dear diary', { visibility: 3 });
    await rowsBecome(author, [postId]);
    expect(world.peers.calls.streamFollowers).toBe(asked);
    expect(await world.rowsOf(fan)).toEqual([]);
  });

  test('the graph away: the post reaches everyone when it is back', async () => {
    const [author, fan] = [world.person(), world.person()];
    world.edge(fan).add(author);
    await world.awake(fan);
    world.peers.away.graph = true;
    const asked = world.peers.calls.streamFollowers;
    const { postId } = await world.publish(author);
    await eventually(() => expect(world.peers.calls.streamFollowers).toBeGreaterThan(asked));
    world.peers.away.graph = false;
    await rowsBecome(fan, [postId]);
    expect(idsOf(await world.readFeed(fan))).toEqual([postId]);
  });

  test('replaying the archive does again what was not done, and nothing else', async () => {
    const [author, fan, other] = [world.person(), world.person(), world.person()];
    for (const viewer of [fan, other]) world.edge(viewer).add(author);
    await world.awake(fan, other);
    const [second, first] = await publishMany(author, 2);
    await rowsBecome(fan, [second!, first!]);
    await rowsBecome(other, [second!, first!]);
    const { items } = await eventually(async () => {
      const found = await world.db.query(testContext(), postsTable, { pk: keys.receipt(first!).pk, sk: { beginsWith: 'C#' } });
      expect(found.items).toHaveLength(1);
      return found;
    });
    // As if the queue had been lost before the chunk of the first post was done.
    await world.db.batchWrite(testContext(), postsTable, { remove: items });
    await world.db.batchWrite(testContext(), homeFeedTable, { remove: [first!, second!].map((id) => keys.feedRow(fan, id)) });
    await eventually(async () => {
      const { pending } = await admin.getOutboxStatus(asAdmin(), {});
      expect(pending).toBe(0n);
    });
    await admin.replayEvents(asAdmin(), { fromTime: new Date(Date.now() - 60_000) });
    // The second post's receipt is complete, so its missing row is nobody's business here: it stays missing.
    await rowsBecome(fan, [first!]);
    await rowsBecome(other, [second!, first!]);
  });

  test('a task done three times, also for a post that is deleted meanwhile, changes nothing that is right', async () => {
    const [author, fan] = [world.person(), world.person()];
    world.edge(fan).add(author);
    await world.awake(fan);
    const [kept, gone] = await publishMany(author, 2);
    await rowsBecome(fan, [kept!, gone!]);
    await world.posts.deletePost(asUser(author), { postId: gone! });
    await rowsBecome(fan, [kept!]);
    const task = (entry: string): FanOutChunk => ({ ...CHUNK, entry, sourceId: author, viewerIds: [author, fan] });
    for (let i = 0; i < 3; i++)
      for (const entry of [gone!, kept!]) await world.events.bus.enqueue(fanOutChunk, task(entry), { id: newId() });
    const last = await world.publish(author);
    await rowsBecome(fan, [last.postId, kept!]);
    expect(idsOf(await world.readFeed(fan))).toEqual([last.postId, kept!]);
  });
});

describe('backfill', () => {
  test('a follow brings what is not private of the newest hundred posts; what is older is read from the author', async () => {
    const [author, fan] = [world.person(), world.person()];
    await world.awake(fan);
    const old = await publishMany(author, 3);
    const hidden = await world.publish(author, 'mine', { visibility: 3 });
    const young = await publishMany(author, 98);
    await world.follow(fan, author);
    // The private one is among the hundred that were looked at.
    await rowsBecome(fan, [...young, ...old.slice(0, 1)]);
    expect(await world.rowsOf(fan)).not.toContain(hidden.postId);
    expect(idsOf(await world.readFeed(fan, 50))).toEqual([...young, ...old]);
  });

  test('an import brings the posts of all followees; most have none', async () => {
    const fan = world.person();
    await world.awake(fan);
    const authors = world.people(40);
    const ids = [...(await publishMany(authors[3]!, 2)), ...(await publishMany(authors[30]!, 1))].sort().reverse();
    for (const author of authors) world.edge(fan).add(author);
    await world.events.imported(fan, authors);
    await rowsBecome(fan, ids);
    expect(idsOf(await world.readFeed(fan))).toEqual(ids);
  });

  test('an event that was applied is not applied again', async () => {
    const [author, fan] = [world.person(), world.person()];
    await world.awake(fan);
    const [postId] = await publishMany(author, 1);
    world.edge(fan).add(author);
    const event = await world.events.imported(fan, [author]);
    await rowsBecome(fan, [postId!]);
    const applied = { pk: `APPLIED#feed-backfill-import#${event.sk}`, sk: 'APPLIED' };
    await eventually(async () => expect(await world.db.get(testContext(), homeFeedTable, applied)).toBeDefined());
    await world.db.batchWrite(testContext(), homeFeedTable, { remove: [keys.feedRow(fan, postId!)] });
    await world.events.again(event);
    const marker = await world.publish(author);
    const chunk = { ...CHUNK, entry: marker.postId, sourceId: author, viewerIds: [fan] };
    await taskDone(fanOutChunk, chunk, fan, marker.postId);
    expect(await world.rowsOf(fan)).toEqual([marker.postId]);
  });
});

describe('sweep', () => {
  test('a follow that comes back while the old one is being swept keeps its posts', async () => {
    const [author, fan] = [world.person(), world.person()];
    await world.awake(fan);
    const ids = await publishMany(author, 3);
    await world.follow(fan, author);
    await rowsBecome(fan, ids);
    let raced: Promise<void> | undefined;
    // The sweep has heard "not following"; before it deletes, the viewer follows again and the backfill is done.
    world.peers.hooks.checkVisibility = () => (raced ??= refollow());
    const refollow = async () => {
      world.edge(fan).add(author);
      const event = await world.events.followed(fan, author);
      const applied = { pk: `APPLIED#feed-backfill-follow#${event.sk}`, sk: 'APPLIED' };
      const backfilled = async () => {
        if (!(await world.db.get(testContext(), homeFeedTable, applied))) throw new Error('not yet');
      };
      // The sweep's question to the graph lives for half a second.
      await eventually(backfilled, { timeoutMs: 400, everyMs: 10 }).catch(() => undefined);
    };
    await world.unfollow(fan, author);
    await eventually(() => expect(raced).toBeDefined());
    await raced;
    delete world.peers.hooks.checkVisibility;
    const applied = async () =>
      (await world.db.query(testContext(), homeFeedTable, { pk: fan, sk: { gte: '0' } })).items.length === 3 &&
      idsOf(await world.readFeed(fan)).join() === ids.join();
    await eventually(async () => expect(await applied()).toBe(true), { timeoutMs: 20_000 });
  });

  test('a deleted post leaves every feed', async () => {
    const author = world.person();
    const fans = world.people(5);
    for (const fan of fans) world.edge(fan).add(author);
    await world.awake(author, ...fans);
    const { postId } = await world.publish(author);
    for (const viewer of [author, ...fans]) await rowsBecome(viewer, [postId]);
    await world.posts.deletePost(asUser(author), { postId });
    for (const viewer of [author, ...fans]) await rowsBecome(viewer, []);
    expect(await world.readFeed(fans[0]!)).toEqual([]);
  });
});

describe('EventAdminService', () => {
  test("the worker's dead letters are listed and redriven through the service", async () => {
    const [author, fan] = [world.person(), world.person()];
    await world.awake(fan);
    const [postId] = await publishMany(author, 1);
    world.edge(fan).add(author);
    const eventId = newId();
    const id = `feed-backfill-import/${eventId}`;
    const payload = followsImported.encode({ followerId: fan, followeeIds: [author], followTime: undefined });
    const durable = 'feed-backfill-import';
    const [at, event] = [Date.now(), { subject: followsImported.subject, eventId, aggregateId: '', version: 1, trace: '' }];
    const letter = { ...event, id, kind: 'event' as const, durable, reason: 'INTERNAL', tries: 5, createdAt: at, occurredAt: at };
    await createDeadLetterStore(world.db, postsTable).put(testContext(), { ...letter, payload });
    const { deadLetters } = await admin.listDeadLetters(asAdmin(), {});
    expect(deadLetters.map(({ deadLetterId }) => deadLetterId)).toEqual([id]);
    await admin.redriveDeadLetter(asAdmin(), { deadLetterId: id });
    await rowsBecome(fan, [postId!]);
    await eventually(async () => expect((await admin.listDeadLetters(asAdmin(), {})).deadLetters).toEqual([]));
  });
});
