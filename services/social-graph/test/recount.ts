import { update, type Db, type Item } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';

import { nextVersion, PUBLIC, type Standing } from '../src/domain/tie.ts';
import { createCountStore } from '../src/store/count-store.ts';
import { createStandingStore } from '../src/store/standing-store.ts';
import { graph, keys, listedId, listOf, tiesOf } from '../src/store/table.ts';
import { tiesIn } from '../src/store/tie-rows.ts';

/** What is wrong with these people's follows: rows of one follow that disagree, and counts that a recount contradicts. */
export const recount = async (db: Db, people: readonly string[]): Promise<string[]> => {
  const ctx = testContext({ timeoutMs: 30_000 });
  const stored = await createCountStore({ db, now: Date.now }).counts(ctx, people);
  const problems = people.map(async (userId, i) => {
    const ids = async (pk: string, idIn = (sk: string) => sk) =>
      (await db.query(ctx, graph, { pk })).items.map(({ sk }) => idIn(sk));
    const [byId, byTime, followers] = await Promise.all([
      ids(tiesOf('FO', userId)),
      ids(listOf('FT', userId), listedId),
      ids(listOf('FR', userId), listedId),
    ]);
    const found = { userId, followers: new Set(followers).size, following: byId.length };
    return [
      ...(new Set(byId).symmetricDifference(new Set(byTime)).size > 0 ? [`${userId}: lists of whom they follow differ`] : []),
      ...(JSON.stringify(stored[i]) === JSON.stringify({ ...found })
        ? []
        : [`${JSON.stringify(stored[i])}, but there are ${JSON.stringify(found)}`]),
    ];
  });
  return (await Promise.all(problems)).flat();
};

/** Long ago, for rows that no call wrote. */
const AT = 1_700_000_000_000;

/** Puts followers of somebody into the table, as far as their count goes. */
export const seedFollowers = async (db: Db, followeeId: string, followerIds: readonly string[]): Promise<void> => {
  const count = { ...keys.followersCount(followeeId), count: followerIds.length, moves: followerIds.length };
  const put = [...followerIds.map((id) => ({ ...keys.follower(followeeId, AT, id), at: AT })), count];
  await db.batchWrite(testContext({ timeoutMs: 60_000 }), graph, { put });
};

/** Puts the follower's side of follows into the table: enough for these to be ended, and read. */
export const seedFollowing = async (db: Db, follows: readonly Follow[]): Promise<void> => {
  const put = follows.flatMap(({ followerId, followeeIds }) => [
    { ...keys.ties(followerId), version: AT, following: followeeIds.length },
    ...followeeIds.flatMap((id, i) => {
      const since = { version: AT - i, at: AT - i };
      return [
        { ...keys.following(followerId, id), ...since },
        { ...keys.followee(followerId, since.version, id), at: since.at },
      ];
    }),
  ]);
  await db.batchWrite(testContext({ timeoutMs: 60_000 }), graph, { put });
};

/** Puts ties of one person into the table, as of a change just now. */
export const seedTies = async (db: Db, userId: string, ...rows: readonly Item[]): Promise<void> => {
  const ctx = testContext();
  await db.batchWrite(ctx, graph, { put: rows.map((row) => ({ version: AT, at: AT, ...row })) });
  const before = tiesIn(await db.get(ctx, graph, keys.ties(userId)));
  const version = nextVersion(Date.now(), before.version);
  await db.transact(ctx, [update(graph, keys.ties(userId), { set: { version }, setOnce: { following: 0 } })]);
};

/** As the user service tells it. */
export const seedStanding = (db: Db, userId: string, standing: Partial<Standing>, version = 1): Promise<void> =>
  createStandingStore({ db }).set(testContext(), userId, version, { ...PUBLIC, ...standing });

interface Follow {
  readonly followerId: string;
  /** The latest first. */
  readonly followeeIds: readonly string[];
}
