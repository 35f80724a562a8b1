import type { Context } from '@plaza/core';
import { put, ttl, type Db } from '@plaza/dynamo';

import { rowEnd } from '../../domain/home/fan-out.ts';
import type { Receipt } from '../../domain/home/receipt.ts';
import { keys, postsTable } from '../table.ts';

export type ReceiptStore = ReturnType<typeof createReceiptStore>;

/**
 * What is known of each post's fan-out. Chunks note themselves in rows of their own, not in one counted item: a repeated chunk
 * rewrites its row, and eight chunks of one post do not fight for an item.
 */
export const createReceiptStore = ({ db }: { db: Db }) => ({
  async get(ctx: Context, postId: string): Promise<Receipt | undefined> {
    const { items } = await db.query(ctx, postsTable, { pk: keys.receipt(postId).pk });
    const plan = items.find((item) => item.sk === 'FANOUT');
    if (plan === undefined) return undefined;
    const prefix = keys.chunksDone(plan['planId'] as string);
    const done = items.filter((item) => item.sk.startsWith(prefix)).map((item) => Number(item.sk.slice(prefix.length)));
    return { planId: plan['planId'] as string, chunks: plan['chunks'] as number, done: new Set(done) };
  },

  /** All chunks of the planning are enqueued. */
  async planned(ctx: Context, postId: string, planId: string, chunks: number): Promise<void> {
    await db.write(ctx, put(postsTable, { ...keys.receipt(postId), planId, chunks, ...kept(postId) }));
  },

  /** The rows of one chunk are in the feeds. */
  async chunkDone(ctx: Context, postId: string, planId: string, chunk: number): Promise<void> {
    await db.write(ctx, put(postsTable, { ...keys.chunkDone(postId, planId, chunk), ...kept(postId) }));
  },
});

const kept = (postId: string) => ({ expiresAt: ttl(rowEnd(postId), 0) });
