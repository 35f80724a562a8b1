import type { Context } from '@plaza/core';

import type { Page, Query, WriteResult } from './db.ts';
import type { Item, Key } from './item.ts';
import type { Table } from './table.ts';
import type { WriteOp } from './write-op.ts';

/** A put if `item` is there, else a removal. */
export interface BatchRow {
  readonly key: Key;
  readonly item?: Item;
}

/** One command each, sent once: what differs between DynamoDB and memory. Throws EngineFailure; anything else is a defect. */
export interface Engine {
  get(ctx: Context, table: Table, key: Key, consistent: boolean): Promise<Item | undefined>;
  /** At most 100 different keys. */
  batchGet(ctx: Context, table: Table, keys: readonly Key[], consistent: boolean): Promise<{ items: Item[]; unprocessed: Key[] }>;
  query(ctx: Context, table: Table, query: Query): Promise<Page>;
  count(ctx: Context, table: Table, query: Query): Promise<{ count: number; after?: Item }>;
  write(ctx: Context, op: WriteOp): Promise<WriteResult>;
  /** The same token again is a no-op that succeeds. */
  transact(ctx: Context, ops: readonly WriteOp[], token: string): Promise<WriteResult>;
  /** At most 25 rows with different keys; answers what was not processed. */
  batchWrite(ctx: Context, table: Table, rows: readonly BatchRow[]): Promise<BatchRow[]>;
  createTable(ctx: Context, table: Table): Promise<void>;
}

/**
 * conflict and throttle: nothing was applied. unknown: no answer in time, or none at all. aborted: the context ended while the
 * command was out.
 */
export type FailureKind = 'conflict' | 'throttle' | 'unknown' | 'aborted';

export class EngineFailure extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, cause?: unknown) {
    super(`the table store failed: ${kind}`, { cause });
    this.kind = kind;
  }
}
