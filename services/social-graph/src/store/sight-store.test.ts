import { mutationOf, newId, noMetrics } from '@plaza/core';
import { createMemoryDb, type Db } from '@plaza/dynamo';
import { asAdmin, testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { planFollow, planUnfollow, type Plan } from '../domain/plan.ts';
import { NO_TIE, TIE } from '../domain/visibility.ts';
import { createSight } from './sight-store.ts';
import { createStandingStore } from './standing-store.ts';
import { createTieStore } from './tie-store.ts';

/** Others keep each kind too large to be held. */
const [VIEWER, AUTHOR, OTHER] = [newId(), newId(), newId()];

/** A sight that holds no ties of any kind, and what is done behind its back whenever it has read them pair by pair. */
const pairwise = (meanwhile: (change: (plan: Plan) => Promise<unknown>) => Promise<unknown>) => {
  const db = createMemoryDb();
  const ties = createTieStore({ db, relay: { nudge: () => undefined }, now: Date.now });
  const change = (plan: Plan, other = AUTHOR) =>
    ties.change(asAdmin(), mutationOf(asAdmin(), newId(), {}), { ids: [VIEWER, other], plan, reply: () => null });
  const batchGet: Db['batchGet'] = async (ctx, table, keys, options) => {
    const rows = await db.batchGet(ctx, table, keys, options);
    if (keys.some(({ pk }) => pk === `FO#${VIEWER}`)) await meanwhile(change);
    return rows;
  };
  const circles = {
    get: <T>(_ctx: unknown, _id: string, load: () => Promise<T>) => load(),
    getMany: () => Promise.resolve(new Map<string, never>()),
    put: () => Promise.resolve(true),
    bury: () => Promise.resolve(true),
  };
  const standings = createStandingStore({ db });
  const sight = createSight({ db: { ...db, batchGet }, circles, standings, metrics: noMetrics, most: { ofKind: 0 } });
  return { change, look: () => sight.look(testContext(), VIEWER, [AUTHOR]) };
};

test('what was read pair by pair counts only if nothing has moved since', async () => {
  let times = 0;
  const { change, look } = pairwise(async (act) => (++times === 1 ? act(planUnfollow) : undefined));
  for (const other of [OTHER, AUTHOR]) await change(planFollow(9), other);
  const view = await look();
  expect([view.tie(AUTHOR), (await look()).epoch]).toEqual([NO_TIE, view.epoch]);
  await change(planFollow(9));
  expect((await look()).tie(AUTHOR)).toBe(TIE.FOLLOWS);
});

test('ties that move faster than they can be read are not told', async () => {
  let isFollowing = true;
  const { change, look } = pairwise((act) => {
    isFollowing = !isFollowing;
    return act(isFollowing ? planFollow(9) : planUnfollow);
  });
  for (const other of [OTHER, AUTHOR]) await change(planFollow(9), other);
  const refusal: unknown = await look().catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'UNAVAILABLE', reason: 'STORE_UNAVAILABLE' });
});
