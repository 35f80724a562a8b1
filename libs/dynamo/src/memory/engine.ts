import { remainingMs, type Context } from '@plaza/core';

import type { Query, WriteResult } from '../db.ts';
import { EngineFailure, type Engine } from '../engine.ts';
import type { Item, Key } from '../item.ts';
import type { Table } from '../table.ts';
import { keyOf, type WriteOp } from '../write-op.ts';
import { applied, holds } from './evaluate.ts';
import { pageOf } from './query.ts';
import { copyOf, stored } from './value.ts';

export const createMemoryEngine = (): Engine => {
  /** Rows of each table by partition and sort key: what is asked of one partition costs no more because there are others. */
  const tables = new Map<string, Map<string, Map<string, Item>>>();
  /** DynamoDB forgets a token after 10 minutes; no test runs that long. */
  const tokens = new Map<string, WriteResult>();

  const partitionsOf = (table: Table): Map<string, Map<string, Item>> => {
    const partitions = tables.get(table.name) ?? new Map<string, Map<string, Item>>();
    tables.set(table.name, partitions);
    return partitions;
  };
  const find = (table: Table, { pk, sk }: Key): Item | undefined => partitionsOf(table).get(pk)?.get(sk);

  const store = (table: Table, { pk, sk }: Key, row: Item | undefined): void => {
    const partitions = partitionsOf(table);
    const rows = partitions.get(pk) ?? new Map<string, Item>();
    partitions.set(pk, rows);
    if (row) rows.set(sk, row);
    else rows.delete(sk);
  };

  /** Those that a query may find. */
  const among = (table: Table, { index, pk }: Pick<Query, 'index' | 'pk'>): Iterable<Item> => {
    const partitions = partitionsOf(table);
    if (index === undefined) return partitions.get(pk)?.values() ?? [];
    return [...partitions.values()].flatMap((rows) => [...rows.values()]);
  };

  /** One JavaScript turn, so nothing can come between judging and applying. */
  const writeAll = (ops: readonly WriteOp[]): WriteResult => {
    const failed = ops.flatMap((op, index) => {
      const row = find(op.table, keyOf(op));
      if (holds(op.condition, row)) return [];
      return [row ? { index, item: copyOf(row) as Item } : { index }];
    });
    if (failed.length > 0) return { ok: false, failed };
    // All next rows are computed before the first is stored: one that is refused leaves nothing behind.
    const next = ops.map((op) => applied(op, find(op.table, keyOf(op))));
    ops.forEach((op, index) => store(op.table, keyOf(op), next[index]));
    return { ok: true };
  };

  return {
    get: async (ctx, table, key) => {
      await arrive(ctx);
      const row = find(table, key);
      return row && (copyOf(row) as Item);
    },
    batchGet: async (ctx, table, keys) => {
      await arrive(ctx);
      const items = keys.flatMap((key) => find(table, key) ?? []);
      return { items: items.map((item) => copyOf(item) as Item), unprocessed: [] };
    },
    query: async (ctx, table, query) => {
      await arrive(ctx);
      return pageOf(table, among(table, query), query);
    },
    count: async (ctx, table, query) => {
      await arrive(ctx);
      return { count: pageOf(table, among(table, query), query).items.length };
    },
    write: async (ctx, op) => {
      await arrive(ctx);
      return writeAll([op]);
    },
    transact: async (ctx, ops, token) => {
      await arrive(ctx);
      if (tokens.has(token)) return { ok: true };
      const result = writeAll(ops);
      if (result.ok) tokens.set(token, result);
      return result;
    },
    batchWrite: async (ctx, table, rows) => {
      await arrive(ctx);
      for (const { key, item } of rows) store(table, key, item && stored(item));
      return [];
    },
    createTable: async (_ctx, table) => {
      partitionsOf(table);
    },
  };
};

/** Gives other work its turn, as a network would, and refuses a call that nobody waits for. */
const arrive = async (ctx: Context): Promise<void> => {
  await Promise.resolve();
  if (ctx.signal.aborted || remainingMs(ctx) <= 0) throw new EngineFailure('aborted');
};
