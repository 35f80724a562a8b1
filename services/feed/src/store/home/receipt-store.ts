import type { Context } from '@plaza/core';
import { put, ttl, type Db } from '@plaza/dynamo';

import { rowEnd } from '../../domain/home/fan-out.ts';
import type { Receipt, Tally } from '../../domain/home/receipt.ts';
import { keys, postsTable } from '../table.ts';

export type ReceiptStore = ReturnType<typeof createReceiptStore>;

/**
 * What is known of the fan-out of each entry, and of each marking. Chunks note themselves in rows of their own, not in one counted item: a repeated chunk
 * rewrites its row, and eight chunks of one entry do not fight for an item.
 */
export const createReceiptStore = ({ db }: { db: Db }) => ({
  async get(ctx: Context, entry: string): Promise<Receipt | undefined> {
    const { items } = await db.query(ctx, postsTable, { pk: keys.receipt(entry).pk });
    const plan = items.find((item) => item.sk === 'FANOUT');
    if (plan === undefined) return undefined;
    const prefix = keys.chunksDone(plan['planId'] as string);
    const done = items.filter((item) => item.sk.startsWith(prefix));
    const sum = (name: keyof Tally) => done.reduce((total, item) => total + Number(item[name] ?? 0), 0);
    return {
      planId: plan['planId'] as string,
      chunks: plan['chunks'] as number,
      done: new Set(done.map((item) => Number(item.sk.slice(prefix.length)))),
      pushed: sum('pushed'),
      hibernated: sum('hibernated'),
      pulled: Number(plan['pulled'] ?? 0),
    };
  },

  /** All chunks of the planning are enqueued. */
  async planned(ctx: Context, entry: string, planId: string, chunks: number, pulled = 0): Promise<void> {
    await db.write(ctx, put(postsTable, { ...keys.receipt(entry), planId, chunks, pulled, ...kept(entry) }));
  },

  /** The rows of one chunk are in the feeds. */
  async chunkDone(ctx: Context, entry: string, planId: string, chunk: number, tally: Tally): Promise<void> {
    const { pushed, hibernated } = tally;
    await db.write(ctx, put(postsTable, { ...keys.chunkDone(entry, planId, chunk), pushed, hibernated, ...kept(entry) }));
  },
});

const kept = (entry: string) => ({ expiresAt: ttl(rowEnd(entry), 0) });
