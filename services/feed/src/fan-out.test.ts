import { newId, noMetrics } from '@plaza/core';
import { createMemoryDb, put } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import { afterAll, expect, test } from 'vitest';

import { feedsInMemory, noRedis } from '../test/in-memory.ts';
import { createFanning } from './fanning.ts';
import { keys, postsTable } from './store/table.ts';

afterAll(() => noRedis.close());

test('an entry of a person who is pulled costs the same calls with a million followers as with ten thousand, and nobody is streamed', async () => {
  const few = await callsOf(10_000);
  const many = await callsOf(1_000_000);
  expect(many).toEqual(few);
  expect(many.graph).toEqual(['batchGetCounts']);
  expect(many.tasks).toBe(0);
  expect(many.pulled).toBe(1);
});

test('a person with 9,999 followers is pushed by twenty tasks; one with few, at once', async () => {
  expect(await callsOf(9_999, 'PUSH')).toMatchObject({ tasks: 20, graph: ['batchGetCounts', 'streamFollowers'] });
  expect(await callsOf(499, 'PUSH')).toMatchObject({ tasks: 0, graph: ['batchGetCounts', 'streamFollowers'] });
});

/** What one planning asks of the table, the graph and the queue. */
const callsOf = async (followers: number, mode: 'PUSH' | 'PULL' = 'PULL') => {
  const table: string[] = [];
  const graph: string[] = [];
  let tasks = 0;
  let pulled = 0;
  const db = createMemoryDb({
    faults: ({ verb }) => {
      table.push(verb);
      return undefined;
    },
  });
  const feeds = feedsInMemory({ db });
  const { fanOut } = createFanning({
    db,
    feeds,
    truths: { get: async () => ({ isFor: () => true, since: Date.now() }) },
    deliver: async () => undefined,
    graph: {
      batchGetCounts: async () => {
        graph.push('batchGetCounts');
        return { counts: [{ userId: author, followers: BigInt(followers), following: 0n }] };
      },
      async *streamFollowers() {
        graph.push('streamFollowers');
        for (let i = 0; i < followers; i += 500)
          yield { followerIds: Array.from({ length: Math.min(500, followers - i) }, (_, at) => `f${i + at}`), resumeToken: '' };
      },
    },
    tasks: {
      enqueue: async () => {
        tasks++;
      },
    },
    live: {
      pushed: () => undefined,
      pulled: () => {
        pulled++;
      },
    },
    metrics: noMetrics,
    now: () => Date.now(),
    newId: () => newId(),
  });
  const author = newId();
  const load = { followers, postsPerDay: 0, active: followers };
  const turn = { mode, planId: newId(), decidedAt: 0, lastEntry: newId(), version: 1 };
  await db.write(testContext(), put(postsTable, { ...keys.mode(author), ...turn, ...load }));
  table.length = 0;
  await fanOut.push(testContext(), { entry: newId(), sourceId: author, audience: 'EVERYBODY' });
  return { table: mode === 'PULL' ? table : [], graph, tasks, pulled };
};
