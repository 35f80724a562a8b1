import type { Context } from '@plaza/core';

import type { Item, Key } from './item.ts';
import type { Table } from './table.ts';
import type { WriteOp } from './write-op.ts';

/** Conditions on the sort key; at most one. Strings compare by their UTF-8 bytes. */
export interface SortRange {
  readonly eq?: string;
  readonly beginsWith?: string;
  /** Both ends inclusive. */
  readonly between?: readonly [string, string];
  readonly lt?: string;
  readonly lte?: string;
  readonly gt?: string;
  readonly gte?: string;
}

export interface Query {
  readonly index?: string | undefined;
  /** Partition key of the table, or of the index when one is named. */
  readonly pk: string;
  readonly sk?: SortRange | undefined;
  readonly descending?: boolean | undefined;
  /** Most rows to return; without it all rows are read, page by page. */
  readonly limit?: number | undefined;
  /** The last row already seen, or its keys (for an index: those of the index too). */
  readonly after?: Item | undefined;
  /** Default true; an index is always read eventually consistent. */
  readonly consistent?: boolean | undefined;
}

export interface Page {
  readonly items: Item[];
  /** Where to go on. Absent means the end was reached; present means there may be more. */
  readonly after?: Item;
}

/** Failed conditions with the stored rows that broke them (no `item`: there was no row). Nothing was written. */
export type WriteResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly failed: readonly { readonly index: number; readonly item?: Item }[] };

/**
 * The table store. Every verb throws AppError DEADLINE_EXCEEDED or CANCELLED with its context, UNAVAILABLE STORE_UNAVAILABLE
 * when the store does not answer or keeps throttling (a write may then have happened: repeat it with the same request_id),
 * and ABORTED WRITE_CONFLICT when conflicts outlast the deadline (nothing was written). Anything else thrown is a defect.
 */
export interface Db {
  get(ctx: Context, table: Table, key: Key, options?: { consistent?: boolean }): Promise<Item | undefined>;
  /** Answers in the order of the keys, of which there may be any number. Never drops unprocessed keys. */
  batchGet(ctx: Context, table: Table, keys: readonly Key[], options?: { consistent?: boolean }): Promise<(Item | undefined)[]>;
  query(ctx: Context, table: Table, query: Query): Promise<Page>;
  count(ctx: Context, table: Table, query: Pick<Query, 'index' | 'pk' | 'sk'>): Promise<number>;
  /** One write. It is sent once: a lost reply is reported, never repeated, so that `add` is not applied twice. */
  write(ctx: Context, op: WriteOp): Promise<WriteResult>;
  /** All or nothing; at most 100 operations and 4 MB, no row twice. A lost reply is repeated safely with the same token. */
  transact(ctx: Context, ops: readonly WriteOp[]): Promise<WriteResult>;
  /** Any number of unconditional writes, in no order, not atomic. Never drops unprocessed rows: it throws if any is left. */
  batchWrite(ctx: Context, table: Table, rows: { put?: readonly Item[]; remove?: readonly Key[] }): Promise<void>;
  /** Creates the table with indexes and TTL unless it is there, and waits until it can be used. */
  createTable(ctx: Context, table: Table): Promise<void>;
}
