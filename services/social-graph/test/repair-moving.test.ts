import { createMemoryDb } from '@plaza/dynamo';
import { asAdmin, testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import type { Deps } from '../src/handlers/index.ts';
import { repairCounts } from '../src/handlers/repair-counts.ts';
import { createCountStore } from '../src/store/count-store.ts';
import { createListStore } from '../src/store/list-store.ts';
import { createRecountStore } from '../src/store/recount-store.ts';
import { graph as graphTable, keys } from '../src/store/table.ts';
import { seedFollowers } from './recount.ts';

const STAR = 'star';
const FANS = ['f1', 'f2', 'f3'];

/** Three follow the star, and two are counted; `meanwhile` happens between the two looks. */
const repaired = async (meanwhile: (world: World) => Promise<boolean>) => {
  const db = createMemoryDb();
  await db.createTable(testContext(), graphTable);
  await seedFollowers(db, STAR, FANS);
  const row = { ...keys.followersCount(STAR), count: 2, moves: 2 };
  await db.batchWrite(testContext(), graphTable, { put: [row] });
  const counts = createCountStore({ db, now: Date.now });
  const world = {
    count: (eventId: string, by: 1 | -1) => counts.apply(testContext(), { durable: 'test', eventId, followeeIds: [STAR], by }),
    follow: (id: string) => db.batchWrite(testContext(), graphTable, { put: [{ ...keys.follower(STAR, 9, id), at: 9 }] }),
  };
  const recounts = createRecountStore({ db, lists: createListStore({ db }) });
  const deps: Pick<Deps, 'recounts' | 'areAllCounted'> = { recounts, areAllCounted: () => meanwhile(world) };
  const { repairs } = await repairCounts(deps as Deps)(asAdmin(), { userIds: [STAR] });
  const [stored] = await counts.counts(testContext(), [STAR]);
  return { moving: repairs[0]!.moving, told: Number(repairs[0]!.after!.followers), stored: stored!.followers };
};

interface World {
  readonly count: (eventId: string, by: 1 | -1) => Promise<void>;
  readonly follow: (id: string) => Promise<void>;
}

test('when all is quiet, a count is set right', async () => {
  expect(await repaired(async () => true)).toEqual({ moving: false, told: 3, stored: 3 });
});

test('while an event waits to be counted, a count is left as it is', async () => {
  expect(await repaired(async () => false)).toEqual({ moving: true, told: 2, stored: 2 });
});

test('an event that is counted between the looks shows, also two that add up to nothing', async () => {
  const oneMore = await repaired(async ({ count }) => {
    await count('e3', 1);
    return true;
  });
  expect(oneMore).toEqual({ moving: true, told: 3, stored: 3 });
  const swap = await repaired(async ({ count }) => {
    await Promise.all([count('e4', 1), count('e5', -1)]);
    return true;
  });
  expect(swap).toEqual({ moving: true, told: 2, stored: 2 });
});

test('a follow between the looks shows', async () => {
  const followed = await repaired(async ({ follow }) => {
    await follow('f4');
    return true;
  });
  expect(followed).toEqual({ moving: true, told: 2, stored: 2 });
});
