import { noMetrics, type Metrics } from '@plaza/core';
import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { createDb } from '../src/create-db.ts';
import { scriptedFaults, update, type Fault } from '../src/index.ts';
import { createMemoryEngine } from '../src/memory/engine.ts';
import { things } from './engines.ts';

test('a throttle is counted, whether a command is refused or a part of a batch comes back', async () => {
  const { db, retries } = counted(['throttle', 'partial', undefined, 'conflict']);
  await db.batchWrite(testContext(), things, { put: ['a', 'b', 'c', 'd'].map((sk) => ({ pk: 'p', sk })) });
  await db.transact(testContext(), [update(things, { pk: 'p', sk: 'a' }, { add: { n: 1 } })]);
  expect(retries).toEqual([
    { operation: 'batchWrite', table: 'things', kind: 'throttle' },
    { operation: 'batchWrite', table: 'things', kind: 'throttle' },
    { operation: 'transact', table: 'things', kind: 'conflict' },
  ]);
});

test('each sending of a command is timed', async () => {
  const { db, timed } = counted(['throttle']);
  await db.get(testContext(), things, { pk: 'p', sk: 'a' });
  expect(timed).toEqual([
    { operation: 'get', table: 'things' },
    { operation: 'get', table: 'things' },
  ]);
});

const counted = (plan: readonly (Fault | undefined)[]) => {
  const retries: unknown[] = [];
  const timed: unknown[] = [];
  const metrics: Metrics = {
    ...noMetrics,
    counter: () => ({ add: (labels) => void retries.push(labels) }),
    histogram: () => ({ observe: (labels) => void timed.push(labels) }),
  };
  const backoff = { baseMs: 1, capMs: 4 };
  return { db: createDb(createMemoryEngine(), { faults: scriptedFaults(plan), metrics, backoff }), retries, timed };
};
