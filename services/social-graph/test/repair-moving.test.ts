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

/** Two of the three that follow the star are counted. */
const COUNTED = { count: 2, moves: 2 };

/** Three follow the star; `meanwhile` happens between the two looks, and `late` when the second is over, before its result is stored. */
const repaired = async (meanwhile: (world: World) => Promise<boolean>, { before = COUNTED, late }: More = {}) => {
  let isLate = false;
  const db = createMemoryDb({
    faults: async ({ verb }) => {
      if (!isLate || verb !== 'transact') return undefined;
      isLate = false;
      await late?.(world);
      return undefined;
    },
  });
  await db.createTable(testContext(), graphTable);
  await seedFollowers(db, STAR, FANS);
  const key = keys.followersCount(STAR);
  await db.batchWrite(testContext(), graphTable, before === 'none' ? { remove: [key] } : { put: [{ ...key, ...before }] });
  const counts = createCountStore({ db, now: Date.now });
  const world = {
    count: (eventId: string, by: 1 | -1) => counts.apply(testContext(), { durable: 'test', eventId, followeeIds: [STAR], by }),
    follow: (id: string) => db.batchWrite(testContext(), graphTable, { put: [{ ...keys.follower(STAR, 9, id), at: 9 }] }),
  };
  const recounts = createRecountStore({ db, lists: createListStore({ db }) });
  const areAllCounted = async () => {
    const answer = await meanwhile(world);
    isLate = true;
    return answer;
  };
  const deps: Pick<Deps, 'recounts' | 'areAllCounted'> = { recounts, areAllCounted };
  const { repairs } = await repairCounts(deps as Deps)(asAdmin(), { userIds: [STAR] });
  const [stored] = await counts.counts(testContext(), [STAR]);
  return { moving: repairs[0]!.moving, told: Number(repairs[0]!.after!.followers), stored: stored!.followers };
};

interface World {
  readonly count: (eventId: string, by: 1 | -1) => Promise<void>;
  readonly follow: (id: string) => Promise<void>;
}

interface More {
  /** The row of the count. */
  readonly before?: { readonly count: number; readonly moves?: number } | 'none';
  readonly late?: (world: World) => Promise<void>;
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

test.each([
  { before: COUNTED, told: 2, stored: 4 },
  { before: { count: 2 }, told: 2, stored: 4 },
  { before: 'none', told: 0, stored: 2 },
] as const)('what is counted between the second look and its storing is not lost: $before', async ({ before, told, stored }) => {
  const late = async ({ follow, count }: World) => {
    for (const [id, event] of [
      ['f4', 'e4'],
      ['f5', 'e5'],
    ] as const) {
      await follow(id);
      await count(event, 1);
    }
  };
  expect(await repaired(async () => true, { before, late })).toEqual({ moving: true, told, stored });
});
