import { mutationOf, newId } from '@plaza/core';
import { createMemoryDb, createOutboxStore, type Faults } from '@plaza/dynamo';
import { followCreated, followRequestRemoved } from '@plaza/events';
import { asAdmin, testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { planFollow, planUnfollow, type Plan } from '../domain/plan.ts';
import { createGrantStore } from './grant-store.ts';
import { createListStore } from './list-store.ts';
import { createStandingStore } from './standing-store.ts';
import { graph, listedId, listOf } from './table.ts';
import { createTieStore } from './tie-store.ts';

/** More than are written at a time. */
const ASKING = 60;
const DEATH = new Error('the process died here');

test('wherever it breaks off, the next try lets the rest in, each once', { timeout: 120_000 }, async () => {
  for (let survived = 0, whole = false; !whole; survived++) {
    let commands = Number.POSITIVE_INFINITY;
    const { grant, owner, asking, listed, told } = await world(() => {
      if (commands-- <= 0) throw DEATH;
      return undefined;
    });
    commands = survived;
    whole = await grant().then(
      () => true,
      (error: unknown) => {
        expect(error).toBe(DEATH);
        return false;
      },
    );
    commands = Number.POSITIVE_INFINITY;
    await grant();
    expect(await listed('FR', owner)).toEqual(asking.toSorted());
    expect(await listed('RQ_IN', owner)).toEqual([]);
    expect([await told(followCreated.subject), await told(followRequestRemoved.subject)]).toEqual([ASKING, ASKING]);
  }
});

test('who is private again lets nobody in any more, from one write to the next', async () => {
  let turn: (() => Promise<void>) | undefined;
  const { grant, owner, asking, listed, stand } = await world(async ({ verb }) => {
    const now = verb === 'transact' ? turn : undefined;
    if (!now) return undefined;
    turn = undefined;
    await now();
    return undefined;
  });
  turn = () => stand(4, true);
  // The first batch was read while the account was public, and is written after it was not.
  await expect(grant()).rejects.toMatchObject({ reason: 'WRITE_CONFLICT' });
  expect(await listed('FR', owner)).toEqual([]);
  await grant();
  expect(await listed('RQ_IN', owner)).toEqual(asking.toSorted());
  await stand(5, false);
  await grant();
  expect(await listed('FR', owner)).toEqual(asking.toSorted());
});

test('who follows, or thinks again, meanwhile disturbs nobody', async () => {
  const { grant, owner, asking, listed, change } = await world();
  const busy = asking.slice(0, 5).map((id) => change(id, newId(), planFollow(1_000)));
  const leaving = asking.slice(5, 8).map((id) => change(id, owner, planUnfollow));
  await Promise.all([grant(), ...busy, ...leaving]);
  expect(await listed('RQ_IN', owner)).toEqual([]);
  const inside = new Set(await listed('FR', owner));
  expect(asking.filter((id) => !inside.has(id)).length).toBeLessThanOrEqual(3);
  expect(asking.slice(8).every((id) => inside.has(id))).toBe(true);
});

/** Whose account was private by version 2 of the profile, who asked then, and public since version 3. */
const world = async (faults: Faults = () => undefined) => {
  let live = false;
  const db = createMemoryDb({ faults: (call) => (live ? faults(call) : undefined) });
  const deps = { db, relay: { nudge: () => undefined }, now: Date.now };
  const ties = createTieStore(deps);
  const standings = createStandingStore({ db });
  const change = (one: string, two: string, plan: Plan) =>
    ties.change(asAdmin(), mutationOf(asAdmin(), newId(), {}), { ids: [one, two], plan, reply: () => null });
  const owner = newId();
  const stand = (version: number, isPrivate: boolean) => standings.set(testContext(), owner, version, { isPrivate, gone: false });
  const ask = async () => {
    const id = newId();
    await change(id, owner, planFollow(1_000));
    return id;
  };
  await stand(2, true);
  const asking = await Promise.all(Array.from({ length: ASKING }, ask));
  await stand(3, false);
  live = true;
  const grants = createGrantStore({ ...deps, lists: createListStore({ db }), standings, followLimit: 1_000 });
  return {
    owner,
    asking,
    stand,
    change,
    grant: () => grants.grant(testContext({ timeoutMs: 30_000 }), owner),
    listed: async (kind: 'FR' | 'RQ_IN', userId: string) =>
      (await db.query(testContext(), graph, { pk: listOf(kind, userId) })).items.map(({ sk }) => listedId(sk)).toSorted(),
    told: async (subject: string) => {
      const outbox = createOutboxStore(db, graph);
      const rows = (await Promise.all([0, 1, 2, 3].map((shard) => outbox.pending(testContext(), shard, 10_000)))).flat();
      return rows.filter((row) => row.subject === subject).length;
    },
  };
};
