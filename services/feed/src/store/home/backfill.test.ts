import { newId } from '@plaza/core';
import { createMemoryDb, put } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import { afterAll, expect, test } from 'vitest';

import { feedsInMemory, noRedis } from '../../../test/in-memory.ts';
import { keys, postsTable } from '../table.ts';
import { createBackfill } from './backfill.ts';

afterAll(() => noRedis.close());

test('a PRIVATE post that a follow did not bring ends what the rows are believed for, once it is out of the window', async () => {
  const db = createMemoryDb();
  const { timelines, states, modes } = feedsInMemory({ db });
  const [author, viewer, postId] = [newId(), newId(), newId()];
  const rows = [
    { ...keys.authorLast(author), lastId: postId },
    { ...keys.authorPost(author, postId), visibility: 'PRIVATE' },
  ];
  for (const row of rows) await db.write(testContext(), put(postsTable, row));
  await states.wake(testContext(), viewer);
  const delivered: unknown[] = [];
  const deliver = async (_ctx: unknown, brought: readonly unknown[]) => void delivered.push(...brought);
  await createBackfill({ timelines, modes, states, deliver, now: Date.now }).follow(testContext(), viewer, [author]);
  expect(delivered).toEqual([]);
  expect((await states.get(testContext(), viewer))?.oldest).toBe(postId);
});
