import { createMemoryDb, type Verb } from '@plaza/dynamo';
import { powerLawGraph, testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { createListStore } from './list-store.ts';
import { createCandidateReader } from './suggestion-store.ts';
import { graph, keys } from './table.ts';

test('suggestions read at most 51 lists and find at most 150, whatever the degrees', async () => {
  const reads: Partial<Record<Verb, number>> = {};
  const db = createMemoryDb({ faults: ({ verb }) => void (reads[verb] = (reads[verb] ?? 0) + 1) });
  const ctx = testContext({ timeoutMs: 60_000 });
  await db.createTable(ctx, graph);
  const following = [...powerLawGraph({ people: 1_000, meanDegree: 15 })];
  // Somebody follows everybody.
  following[7] = following.map((_, i) => i).filter((i) => i !== 7);
  const put = following.flatMap((followees, follower) =>
    followees.map((followee, i) => ({ ...keys.followee(`u${follower}`, 1_000 + i, `u${followee}`), at: i })),
  );
  await db.batchWrite(ctx, graph, { put });
  const read = createCandidateReader({ lists: createListStore({ db }), now: Date.now });
  const byDegree = [...following.keys()].toSorted((a, b) => following[b]!.length - following[a]!.length);
  for (const person of [...byDegree.slice(0, 3), ...byDegree.slice(-3), byDegree[500]!]) {
    for (const verb of Object.keys(reads) as Verb[]) delete reads[verb];
    const candidates = await read(ctx, `u${person}`);
    expect(reads.query).toBeLessThanOrEqual(51);
    expect(Object.keys(reads)).toEqual(['query']);
    expect(candidates.length).toBeLessThanOrEqual(150);
    const followed = new Set(following[person]!.slice(-500).map((followee) => `u${followee}`));
    expect(candidates.filter(({ userId }) => followed.has(userId) || userId === `u${person}`)).toEqual([]);
    // With those who recommend them, no more than one check takes.
    const all = new Set(candidates.flatMap(({ userId, by }) => [userId, ...by.map(({ friendId }) => friendId)]));
    expect(all.size).toBeLessThanOrEqual(200);
  }
});
