import type { Db } from '../db.ts';
import type { Faults } from '../faults.ts';

/** A Db in this process's memory that behaves as DynamoDB does: for simulations and unit tests. */
export const createMemoryDb = (_options: { faults?: Faults | undefined } = {}): Db => {
  throw new Error('not built yet');
};
