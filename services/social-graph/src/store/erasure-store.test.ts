import { mutationOf, newId } from '@plaza/core';
import { createMemoryDb, createOutboxStore, type Faults } from '@plaza/dynamo';
import { followRemoved } from '@plaza/events';
import { asAdmin, testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { createCountStore } from './count-store.ts';
import { createEdgeStore } from './edge-store.ts';
import { createErasureStore } from './erasure-store.ts';
import { createFollowStore } from './follow-store.ts';
import { graph, keys } from './table.ts';

const FANS = 60;
const IDOLS = 30;
const DEATH = new Error('the process died here');

test(
  'wherever it breaks off, the next try finishes the rest, and numbers and events are exact',
  { timeout: 120_000 },
  async () => {
    for (let survived = 0, whole = false; !whole; survived++) {
      let commands = Number.POSITIVE_INFINITY;
      const { erasures, person, edges, removed, following } = await world(() => {
        if (commands-- <= 0) throw DEATH;
        return undefined;
      });
      const run = async () => {
        await erasures.cutEdges(testContext(), person);
        return erasures.finish(testContext(), person);
      };
      commands = survived;
      whole = await run().then(
        () => true,
        (error: unknown) => {
          expect(error).toBe(DEATH);
          return false;
        },
      );
      commands = Number.POSITIVE_INFINITY;
      expect(await run()).toEqual({ followers: FANS, following: IDOLS });
      expect(await erasures.finished(testContext(), person)).toEqual({ followers: FANS, following: IDOLS });
      expect(await edges()).toEqual([]);
      expect(await removed()).toBe(FANS + IDOLS);
      expect(await following()).toEqual(Array.from({ length: FANS }, () => 1));
    }
  },
);

test('followers who follow and unfollow others meanwhile keep their counts', async () => {
  const { erasures, person, fans, other, follow, unfollow, following, edges } = await world();
  const busy = fans.slice(0, 10).map(async (fan, i) => {
    await unfollow(fan, other);
    if (i % 2 === 0) await follow(fan, other);
  });
  const leaving = fans.slice(10, 14).map((fan) => unfollow(fan, person));
  await Promise.all([erasures.cutEdges(testContext(), person), ...busy, ...leaving]);
  expect(await edges()).toEqual([]);
  const expected = fans.map((_, i) => (i < 10 && i % 2 === 1 ? 0 : 1));
  expect(await following()).toEqual(expected);
});

test('an unfollow that gets a version in the midst of those to be taken goes first, and no version is told twice', async () => {
  let clock = Date.now();
  const ahead = clock + 60_000;
  let meanwhile: (() => Promise<void>) | undefined;
  const { erasures, person, idols, unfollow, edges, removed } = await world(
    async ({ verb }) => {
      const first = verb === 'transact' ? meanwhile : undefined;
      if (first) meanwhile = undefined;
      await first?.();
      return undefined;
    },
    () => clock,
  );
  // The eraser has read the count and takes versions from `ahead` on for its first batch, which the last idol is not in; another
  // replica's clock is a little further.
  clock = ahead;
  meanwhile = async () => {
    clock = ahead + 5;
    await unfollow(person, idols.toSorted().at(-1)!);
    clock = ahead;
  };
  await erasures.cutEdges(testContext(), person);
  expect(await edges()).toEqual([]);
  expect(await removed()).toBe(FANS + IDOLS);
  expect(await erasures.finish(testContext(), person)).toEqual({ followers: FANS, following: IDOLS - 1 });
});

test('the counts of the person go: at once where they are exact, else when no event can move them any more', async () => {
  const { erasures, person, db } = await world();
  await erasures.cutEdges(testContext(), person);
  await erasures.finish(testContext(), person);
  const [out, into] = await db.batchGet(testContext(), graph, [keys.followingCount(person), keys.followersCount(person)]);
  expect(out).toBeUndefined();
  expect(into!['expiresAt']).toBeGreaterThan(Date.now() / 1000 + 7 * 24 * 3600);
});

const world = async (faults: Faults = () => undefined, now = Date.now) => {
  let live = false;
  const db = createMemoryDb({ faults: (call) => (live ? faults(call) : undefined) });
  const deps = { db, relay: { nudge: () => undefined }, now, followLimit: 1_000 };
  const store = createFollowStore(deps);
  const follow = (followerId: string, followeeId: string) =>
    store.follow(asAdmin(), mutationOf(asAdmin(), newId(), {}), { followerId, followeeId }, async () => undefined);
  const unfollow = (followerId: string, followeeId: string) =>
    store.unfollow(asAdmin(), mutationOf(asAdmin(), newId(), {}), { followerId, followeeId });
  const [person, other] = [newId(), newId()];
  const fans = Array.from({ length: FANS }, () => newId());
  for (const fan of fans) for (const whom of [person, other]) await follow(fan, whom);
  const idols = Array.from({ length: IDOLS }, () => newId());
  for (const idol of idols) await follow(person, idol);
  live = true;
  const reader = createEdgeStore({ db });
  return {
    db,
    person,
    other,
    fans,
    idols,
    follow,
    unfollow,
    erasures: createErasureStore(deps),
    edges: async () => {
      const all = { size: 1_000, after: undefined };
      const [out, into] = [
        await reader.following(testContext(), person, all),
        await reader.followers(testContext(), person, all),
      ];
      return [...out.follows, ...into.follows];
    },
    /** How many ends of follows were told, each with a version of its own. */
    removed: async () => {
      const outbox = createOutboxStore(db, graph);
      const rows = (await Promise.all([0, 1, 2, 3].map((shard) => outbox.pending(testContext(), shard, 10_000)))).flat();
      const ends = rows.filter(({ subject }) => subject === followRemoved.subject);
      return new Set(ends.map(({ aggregateId, version }) => `${aggregateId} ${version}`)).size;
    },
    /** Whom each fan still follows. */
    following: async () => (await createCountStore(deps).counts(testContext(), fans)).map((counts) => counts.following),
  };
};
