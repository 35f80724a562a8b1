import type { Db } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';

import { createCountStore } from '../src/store/count-store.ts';
import { graph, keys, listedId, listOf, tiesOf } from '../src/store/table.ts';

/** What is wrong with these people's follows: rows of one follow that disagree, and counts that a recount contradicts. */
export const recount = async (db: Db, people: readonly string[]): Promise<string[]> => {
  const ctx = testContext({ timeoutMs: 30_000 });
  const stored = await createCountStore({ db, now: Date.now }).counts(ctx, people);
  const problems = people.map(async (userId, i) => {
    const ids = async (pk: string, idIn = (sk: string) => sk) => (await db.query(ctx, graph, { pk })).items.map(({ sk }) => idIn(sk));
    const [byId, byTime, followers] = await Promise.all([
      ids(tiesOf('FO', userId)),
      ids(listOf('FT', userId), listedId),
      ids(listOf('FR', userId), listedId),
    ]);
    const found = { userId, followers: new Set(followers).size, following: byId.length };
    return [
      ...(new Set(byId).symmetricDifference(new Set(byTime)).size > 0 ? [`${userId}: lists of whom they follow differ`] : []),
      ...(JSON.stringify(stored[i]) === JSON.stringify({ ...found }) ? [] : [`${JSON.stringify(stored[i])}, but there are ${JSON.stringify(found)}`]),
    ];
  });
  return (await Promise.all(problems)).flat();
};

/** Puts the followers of a person into the table, as if they had come long ago. */
export const seedFollowers = async (db: Db, followeeId: string, followerIds: readonly string[]): Promise<void> => {
  const ctx = testContext({ timeoutMs: 60_000 });
  const at = 1_700_000_000_000;
  const put = [
    ...followerIds.map((id) => ({ ...keys.follower(followeeId, at, id), at })),
    { ...keys.followersCount(followeeId), count: followerIds.length, moves: followerIds.length },
  ];
  await db.batchWrite(ctx, graph, { put });
};
