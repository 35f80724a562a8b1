import type { Context } from '@plaza/core';

import type { Db } from './db.ts';
import type { Key } from './item.ts';
import type { Table } from './table.ts';

/** An event waiting to be published, as libs/events declares it. */
export interface OutboxRow extends Key {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly aggregateId: string;
  readonly version: number;
  readonly occurredAt: number;
  readonly trace: string;
}

/** Outbox and archive of one service in its own table. */
export const createOutboxStore = (_db: Db, _table: Table) => ({
  /** The oldest rows of a shard that are not yet published. */
  pending: (_ctx: Context, _shard: number, _limit: number): Promise<OutboxRow[]> => Promise.reject(new Error('not built yet')),
  /** Moves published rows to the archive, where they stay 7 days. Repeatable. */
  archive: (_ctx: Context, _rows: readonly OutboxRow[]): Promise<void> => Promise.reject(new Error('not built yet')),
  archivedSince: (_ctx: Context, _fromMs: number): AsyncIterable<OutboxRow[]> => {
    throw new Error('not built yet');
  },
});
