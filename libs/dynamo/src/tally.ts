import type { Context } from '@plaza/core';

import type { Db } from './db.ts';
import { keyText, type Item, type Key, type Value } from './item.ts';
import type { Table } from './table.ts';
import { insert, update, type WriteOp } from './write-op.ts';

/** What one happening adds to one row, which is made if it is missing. */
export interface Addition {
  readonly key: Key;
  readonly add: Readonly<Record<string, number>>;
  /** The same in every addition to this row. */
  readonly set?: Readonly<Record<string, Value>>;
}

/** One happening, to be counted once. */
export interface Entry {
  /** Names the happening: inserted together with what it adds, so that a second delivery finds it. */
  readonly mark: Item;
  /** At most 99 rows, each once. */
  readonly additions: readonly Addition[];
}

/** A transaction takes no more. */
const MAX_ROWS = 100;

interface Waiting {
  readonly ctx: Context;
  readonly entry: Entry;
  readonly counted: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export type Tally = ReturnType<typeof createTally>;

/**
 * Counts happenings, each once, however often and in whatever order they are told: sums do not mind. All who count for one famous
 * row change that row, and a transaction each would be a storm of conflicts. So what is told while one transaction is under way
 * goes into the next, with one sum a row. `committed` runs after each transaction.
 */
export const createTally = ({ db, table, committed }: { db: Db; table: Table; committed?: () => void }) => {
  const queue = new Map<string, Waiting>();
  const underWay = new Map<string, Waiting>();
  let running = false;

  const run = async () => {
    running = true;
    while (queue.size > 0) {
      const batch = nextBatch(queue);
      for (const [id, waiting] of batch) underWay.set(id, waiting);
      try {
        await write([...batch.values()]);
      } catch (error) {
        for (const { reject } of batch.values()) reject(error);
      }
      for (const id of batch.keys()) underWay.delete(id);
    }
    running = false;
  };

  /** Who was counted by an earlier delivery is taken out, and the rest written again. */
  const write = async (batch: readonly Waiting[]): Promise<void> => {
    let left = batch;
    while (left.length > 0) {
      // The youngest has the most time; who ran out of it is told again, and found counted.
      const result = await db.transact(left.at(-1)!.ctx, [
        ...left.map(({ entry }) => insert(table, entry.mark)),
        ...sums(table, left),
      ]);
      if (result.ok) {
        committed?.();
        for (const { resolve } of left) resolve();
        return;
      }
      const counted = new Set(result.failed.map(({ index }) => index));
      for (const [i, { resolve }] of left.entries()) if (counted.has(i)) resolve();
      left = left.filter((_, i) => !counted.has(i));
    }
  };

  return {
    /** Resolves when the happening is counted, by this delivery or another. */
    apply: (ctx: Context, entry: Entry): Promise<void> => {
      const id = keyText(entry.mark);
      const same = queue.get(id) ?? underWay.get(id);
      if (same) return same.counted;
      const { promise: counted, resolve, reject } = Promise.withResolvers<void>();
      queue.set(id, { ctx, entry, counted, resolve, reject });
      if (!running) void run();
      return counted;
    },
  };
};

/** Takes the oldest, as many as fit one transaction. */
const nextBatch = (queue: Map<string, Waiting>): Map<string, Waiting> => {
  const batch = new Map<string, Waiting>();
  const rows = new Set<string>();
  for (const [id, waiting] of queue) {
    const more = new Set(waiting.entry.additions.map(({ key }) => keyText(key))).difference(rows);
    if (batch.size > 0 && batch.size + 1 + rows.size + more.size > MAX_ROWS) break;
    for (const row of more) rows.add(row);
    batch.set(id, waiting);
    queue.delete(id);
  }
  return batch;
};

/** One update a row. What adds up to nothing is written all the same: whoever counts anew meanwhile must see that something moved. */
const sums = (table: Table, batch: readonly Waiting[]): WriteOp[] => {
  const all = new Map<string, { key: Key; add: Record<string, number>; set: Addition['set'] }>();
  for (const { entry } of batch)
    for (const { key, add, set } of entry.additions) {
      const id = keyText(key);
      const sum = all.get(id) ?? { key, add: {}, set };
      for (const [attribute, by] of Object.entries(add)) sum.add[attribute] = (sum.add[attribute] ?? 0) + by;
      all.set(id, sum);
    }
  return [...all.values()].map(({ key, add, set }) => update(table, key, { add, ...(set && { set }) }));
};
