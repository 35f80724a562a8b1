import { noMetrics } from '@plaza/core';

import { createDb } from '../create-db.ts';
import type { Db } from '../db.ts';
import type { Faults } from '../faults.ts';
import { createMemoryEngine } from './engine.ts';

/**
 * A Db in this process's memory that behaves as DynamoDB does: for simulations and unit tests. Index reads scan the table.
 * It repeats at once by default, so that thousands of schedules with faults take seconds.
 */
export const createMemoryDb = (options: { faults?: Faults | undefined } = {}): Db =>
  createDb(createMemoryEngine(), { faults: options.faults, metrics: noMetrics, backoff: { baseMs: 1, capMs: 4 } });
