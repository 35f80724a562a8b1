import { newId, type Clock, type Context } from '@plaza/core';
import { absent, eq, lostRace, put, ttl, type Db, type Item } from '@plaza/dynamo';

import { nothing, outOfPlace, type Receipt, type Refusal } from '../domain/import.ts';
import { graph, keys } from './table.ts';

const KEPT_SECONDS = 7 * 24 * 3600;

/** One stream of an import, which alone may write its receipt until another begins. */
export interface Run {
  readonly importId: string;
  readonly runId: string;
  /** What earlier streams came to. */
  readonly receipt: Receipt;
}

export type ReceiptStore = ReturnType<typeof createReceiptStore>;

export const createReceiptStore = ({ db, now }: { db: Db; now: Clock }) => {
  const write = (ctx: Context, { importId, runId }: Omit<Run, 'receipt'>, receipt: Receipt, before: string | undefined) =>
    db.transact(ctx, [
      put(
        graph,
        {
          ...keys.importReceipt(importId),
          ...receipt,
          refusals: receipt.refusals.map(packed),
          runId,
          expiresAt: ttl(now(), KEPT_SECONDS),
        },
        before === undefined ? absent() : eq('runId', before),
      ),
    ]);

  /** Expired rows go late. */
  const isKept = (row: Item): boolean => Number(row['expiresAt']) >= ttl(now(), 0);

  return {
    /**
     * Takes over the receipt: a stream of this import that still runs, here or elsewhere, saves no more and breaks off. It runs on
     * if this one cannot go on from `index`.
     * @throws AppError INVALID_ARGUMENT INVALID_FIELD when messages between the receipt and `index` are missing
     * @throws AppError ABORTED WRITE_CONFLICT when another one does so at the same time
     */
    async begin(ctx: Context, importId: string, index: number): Promise<Run> {
      const row = await db.get(ctx, graph, keys.importReceipt(importId));
      const receipt = row && isKept(row) ? receiptIn(row) : nothing(0);
      if (index > receipt.messages) throw outOfPlace(index, receipt.messages);
      const run = { importId, runId: newId(), receipt };
      const { ok } = await write(ctx, run, receipt, row?.['runId'] as string | undefined);
      if (!ok) throw lostRace();
      return run;
    },

    /** @throws AppError ABORTED WRITE_CONFLICT when another stream of the import has begun */
    async save(ctx: Context, run: Run, receipt: Receipt): Promise<void> {
      const { ok } = await write(ctx, run, receipt, run.runId);
      if (!ok) throw lostRace();
    },

    /** Undefined if nothing of such an import is written. */
    async get(ctx: Context, importId: string): Promise<Receipt | undefined> {
      const row = await db.get(ctx, graph, keys.importReceipt(importId));
      const receipt = row && isKept(row) ? receiptIn(row) : undefined;
      return receipt && receipt.messages > 0 ? receipt : undefined;
    },
  };
};

/** A thousand of them with the names of their fields would make the row three times as large, and it is written every second. */
const packed = ({ index, followerId, followeeId, reason }: Refusal): string => [index, followerId, followeeId, reason].join(' ');

const unpacked = (text: string): Refusal => {
  const [index, followerId, followeeId, reason] = text.split(' ') as [string, string, string, string];
  return { index: Number(index), followerId, followeeId, reason };
};

const receiptIn = (row: Item): Receipt => ({
  messages: Number(row['messages']),
  created: Number(row['created']),
  requested: Number(row['requested']),
  unchanged: Number(row['unchanged']),
  refused: Number(row['refused']),
  refusals: (row['refusals'] as string[]).map(unpacked),
});
