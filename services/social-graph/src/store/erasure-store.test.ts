import { mutationOf, newId } from '@plaza/core';
import { createMemoryDb, createOutboxStore, type Faults } from '@plaza/dynamo';
import { asAdmin, testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { planBlock, planFollow, planMute, planUnfollow, type Plan } from '../domain/plan.ts';
import { createCountStore } from './count-store.ts';
import { createErasureStore } from './erasure-store.ts';
import { createGrantStore } from './grant-store.ts';
import { createListStore } from './list-store.ts';
import { createStandingStore } from './standing-store.ts';
import { graph, keys, listOf, tiesOf } from './table.ts';
import { createTieStore } from './tie-store.ts';

/** More than one batch of each. */
const FANS = 22;
const IDOLS = 20;
const OTHERS = 2;
const ALL = {
  following: IDOLS,
  followers: FANS,
  requests_sent: OTHERS,
  requests_received: OTHERS,
  blocks: OTHERS,
  blocked_by: OTHERS,
  mutes: OTHERS,
};
const DEATH = new Error('the process died here');

test(
  'wherever it breaks off, the next try finishes the rest, and numbers and events are exact',
  { timeout: 120_000 },
  async () => {
    for (let survived = 0, whole = false; !whole; survived++) {
      let commands = Number.POSITIVE_INFINITY;
      const { erasures, person, ties, ends, following } = await world(() => {
        if (commands-- <= 0) throw DEATH;
        return undefined;
      });
      const run = async () => {
        await erasures.cutTies(testContext(), person);
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
      expect(await run()).toEqual(ALL);
      expect(await erasures.finished(testContext(), person)).toEqual(ALL);
      expect(await ties()).toEqual([]);
      expect(await ends()).toBe(Object.values(ALL).reduce((sum, count) => sum + count, 0));
      expect(await following()).toEqual(Array.from({ length: FANS }, () => 1));
    }
  },
);

test('followers who follow and unfollow others meanwhile keep their counts', async () => {
  const { erasures, person, fans, other, change, following, ties } = await world();
  const busy = fans.slice(0, 10).map(async (fan, i) => {
    await change(fan, other, planUnfollow);
    if (i % 2 === 0) await change(fan, other, planFollow(1_000));
  });
  const leaving = fans.slice(10, 14).map((fan) => change(fan, person, planUnfollow));
  await Promise.all([erasures.cutTies(testContext(), person), ...busy, ...leaving]);
  expect(await ties()).toEqual([]);
  expect(await following()).toEqual(fans.map((_, i) => (i < 10 && i % 2 === 1 ? 0 : 1)));
});

test('a tie that ends and begins anew between two reads of the eraser is cut as it is', async () => {
  let meanwhile: (() => Promise<void>) | undefined;
  const { erasures, person, idols, change, ties, ends } = await world(async ({ verb }) => {
    const first = verb === 'batchGet' ? meanwhile : undefined;
    if (first) meanwhile = undefined;
    await first?.();
    return undefined;
  });
  meanwhile = async () => {
    await change(person, idols[0]!, planUnfollow);
    await change(person, idols[0]!, planFollow(1_000));
  };
  await erasures.cutTies(testContext(), person);
  expect(await ties()).toEqual([]);
  // All, and the unfollow.
  expect(await ends()).toBe(Object.values(ALL).reduce((sum, count) => sum + count, 1));
  expect(await erasures.finish(testContext(), person)).toEqual(ALL);
});

test('the counts of the person go: at once where they are exact, else when no event can move them any more', async () => {
  const { erasures, person, db } = await world();
  await erasures.cutTies(testContext(), person);
  await erasures.finish(testContext(), person);
  const [out, into] = await db.batchGet(testContext(), graph, [keys.ties(person), keys.followersCount(person)]);
  expect(out).toBeUndefined();
  expect(into!['expiresAt']).toBeGreaterThan(Date.now() / 1000 + 7 * 24 * 3600);
});

test('a request that is granted meanwhile leaves no follow behind', async () => {
  const { person, db, asked, ties } = await world();
  const deps = { db, relay: { nudge: () => undefined }, now: Date.now };
  const standings = createStandingStore({ db });
  const grants = createGrantStore({ ...deps, lists: createListStore({ db }), standings, followLimit: 1_000 });
  const meanwhile = async () => {
    await standings.set(testContext(), asked, 3, { isPrivate: false, gone: false });
    await grants.grant(testContext(), asked);
  };
  let isFirst = true;
  const erasures = createErasureStore({
    ...deps,
    db: {
      ...db,
      // The followers come after whom the person follows.
      query: async (ctx, table, query) => {
        if (query.pk === listOf('FR', person) && isFirst) {
          isFirst = false;
          await meanwhile();
        }
        return db.query(ctx, table, query);
      },
    },
  });
  await erasures.cutTies(testContext(), person);
  expect(isFirst).toBe(false);
  expect(await ties()).toEqual([]);
});

test('that the person is gone stays for good', async () => {
  const { erasures, person, db, other, change } = await world();
  const standings = createStandingStore({ db });
  await standings.set(testContext(), person, 9, { isPrivate: true, gone: true });
  await erasures.cutTies(testContext(), person);
  await erasures.finish(testContext(), person);
  await expect(change(other, person, planFollow(1_000))).rejects.toMatchObject({ reason: 'USER_NOT_FOUND' });
});

const world = async (faults: Faults = () => undefined) => {
  let live = false;
  const db = createMemoryDb({ faults: (call) => (live ? faults(call) : undefined) });
  const deps = { db, relay: { nudge: () => undefined }, now: Date.now };
  const store = createTieStore(deps);
  const change = (one: string, two: string, plan: Plan) =>
    store.change(asAdmin(), mutationOf(asAdmin(), newId(), {}), { ids: [one, two], plan, reply: () => null });
  const crowd = (n: number) => Array.from({ length: n }, () => newId());
  const [person, other] = [newId(), newId()];
  const [fans, idols, rest] = [crowd(FANS), crowd(IDOLS), crowd(OTHERS)];
  const follow = planFollow(1_000);
  for (const fan of fans) for (const whom of [person, other]) await change(fan, whom, follow);
  for (const idol of idols) await change(person, idol, follow);
  const standings = createStandingStore({ db });
  await standings.set(testContext(), person, 2, { isPrivate: true, gone: false });
  for (const id of rest) {
    await standings.set(testContext(), id, 2, { isPrivate: true, gone: false });
    await change(person, id, follow);
    await change(id, person, follow);
    await change(person, id, planMute('REPOSTS'));
  }
  for (const id of crowd(OTHERS)) await change(person, id, planBlock);
  for (const id of crowd(OTHERS)) await change(id, person, planBlock);
  live = true;
  return {
    db,
    person,
    other,
    /** Who is private, and was asked by the person. */
    asked: rest[0]!,
    fans,
    idols,
    change,
    erasures: createErasureStore(deps),
    /** What is left of the person's ties. */
    ties: async () => {
      const partitions = [
        ...(['FO', 'RQ_OUT', 'BL', 'BB', 'MU'] as const).map((kind) => tiesOf(kind, person)),
        ...(['FT', 'FR', 'RQ_IN', 'BT', 'MT'] as const).map((kind) => listOf(kind, person)),
      ];
      return (await Promise.all(partitions.map((pk) => db.query(testContext(), graph, { pk })))).flatMap(({ items }) => items);
    },
    /** How many ends of ties were told. */
    ends: async () => {
      const outbox = createOutboxStore(db, graph);
      const rows = (await Promise.all([0, 1, 2, 3].map((shard) => outbox.pending(testContext(), shard, 10_000)))).flat();
      return rows.filter(({ subject }) => subject.endsWith('Removed')).length;
    },
    /** How many others each fan follows. */
    following: async () => (await createCountStore(deps).counts(testContext(), fans)).map((counts) => counts.following),
  };
};
