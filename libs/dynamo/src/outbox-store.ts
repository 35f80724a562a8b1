import { assertAlive, type Context } from '@plaza/core';

import type { Db } from './db.ts';
import { ttl, type Item } from './item.ts';
import type { Table } from './table.ts';

/** An event waiting to be published, as libs/events declares it; its key is `OX#<shard>`, event id. */
export type OutboxRow = {
  readonly pk: string;
  readonly sk: string;
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly aggregateId: string;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly occurredAt: number;
  readonly trace: string;
};

/** What the relay of libs/events asks for. */
export interface OutboxStore {
  /** The oldest rows of one shard that are not yet published, by a strongly consistent read. */
  pending(ctx: Context, shard: number, limit: number): Promise<OutboxRow[]>;
  /** Moves published rows to the archive, where they stay for 7 days. Repeating it changes nothing. */
  archive(ctx: Context, rows: readonly OutboxRow[]): Promise<void>;
  /** Archived rows that occurred at or after the time (epoch milliseconds), oldest hour first, in pages. */
  archivedSince(ctx: Context, fromMs: number): AsyncIterable<OutboxRow[]>;
}

const HOUR_MS = 3_600_000;
const KEPT_SECONDS = 7 * 24 * 3600;
const PAGE_SIZE = 250;
/** Partitions whose first pages are read at once. */
const READ_AHEAD = 16;

/** Outbox and archive of one service, in its own table. */
export const createOutboxStore = (db: Db, table: Table): OutboxStore => {
  const listed = new Set<string>();
  return {
    pending: async (ctx, shard, limit) => {
      const page = await db.query(ctx, table, { pk: `OX#${shard}`, limit });
      return page.items.map(rowOf);
    },

    // Copies first: a crash between the two leaves the row in both places, and the repetition rewrites the same copy.
    archive: async (ctx, rows) => {
      const copies = rows.map(archived);
      const fresh = new Map(copies.filter(({ pk }) => !listed.has(pk)).map((copy) => [copy.pk, listing(copy)]));
      await db.batchWrite(ctx, table, { put: [...copies, ...fresh.values()] });
      for (const pk of fresh.keys()) listed.add(pk);
      await db.batchWrite(ctx, table, { remove: rows.map(({ pk, sk }) => ({ pk, sk })) });
    },

    async *archivedSince(ctx, fromMs) {
      const oldest = Math.max(fromMs, Date.now() - KEPT_SECONDS * 1000);
      // The list, because a week has 672 partitions and a new service none: asking each costs seconds.
      const { items } = await db.query(ctx, table, { pk: LIST, sk: { gte: archivePk(oldest, 0) } });
      for (let first = 0; first < items.length; first += READ_AHEAD) {
        const partitions = items.slice(first, first + READ_AHEAD).map(({ sk }) => sk);
        const firstPages = await Promise.all(partitions.map((pk) => db.query(ctx, table, { pk, limit: PAGE_SIZE })));
        for (const [index, pk] of partitions.entries()) {
          for (let page = firstPages[index]; page;) {
            assertAlive(ctx);
            const rows = page.items.map(rowOf).filter((row) => row.occurredAt >= fromMs);
            if (rows.length > 0) yield rows;
            page = page.after && (await db.query(ctx, table, { pk, limit: PAGE_SIZE, after: page.after }));
          }
        }
      }
    },
  };
};

/** The archive's partitions, by time. */
const LIST = 'AX';

const listing = ({ pk, expiresAt }: Item): Item => ({ pk: LIST, sk: pk, expiresAt: Number(expiresAt) + HOUR_MS / 1000 });

/** `AX#yyyymmddhh#shard`, in UTC, of the time of the event: archiving twice rewrites one row. */
const archivePk = (atMs: number, shard: number): string =>
  `AX#${new Date(atMs).toISOString().slice(0, 13).replaceAll(/[-T]/g, '')}#${shard}`;

const shardOf = (pk: string): number => Number(pk.slice(pk.lastIndexOf('#') + 1));

const archived = (row: OutboxRow): Item => ({
  ...row,
  pk: archivePk(row.occurredAt, shardOf(row.pk)),
  expiresAt: ttl(row.occurredAt, KEPT_SECONDS),
});

/** An archived row reads as the outbox row that it was. */
const rowOf = (item: Item): OutboxRow => {
  const { expiresAt: _, ...row } = item;
  return { ...row, pk: `OX#${shardOf(item.pk)}` } as OutboxRow;
};
