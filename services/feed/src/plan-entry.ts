import type { Context } from '@plaza/core';
import type { Meta } from '@plaza/events';

import { windowStart, type Published } from './domain/home/fan-out.ts';
import { isComplete, mayHaveReceipt } from './domain/home/receipt.ts';
import type { FanOut } from './fan-out.ts';
import type { ReceiptStore } from './store/home/receipt-store.ts';
import type { Truths } from './store/home/truths.ts';

export type PlanEntry = ReturnType<typeof createPlanEntry>;

/**
 * Brings an entry that still stands into feeds. Handled again, it is planned anew unless every chunk is known to be done: the queue
 * may have been lost. For entries that, once gone, do not come back.
 */
export const createPlanEntry =
  (deps: { truths: Pick<Truths, 'get'>; receipts: Pick<ReceiptStore, 'get'>; fanOut: Pick<FanOut, 'push'>; now: () => number }) =>
  async (ctx: Context, published: Published, meta: Pick<Meta, 'at' | 'tries'>): Promise<void> => {
    const { truths, receipts, fanOut, now } = deps;
    const { entry } = published;
    if (entry < windowStart(now())) return;
    if (mayHaveReceipt(meta, now()) && isComplete(await receipts.get(ctx, entry))) return;
    if (await truths.get(ctx, entry)) await fanOut.push(ctx, published);
  };
