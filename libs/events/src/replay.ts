import type { Context } from '@plaza/core';

import type { Link } from './bus.ts';
import type { OutboxStore } from './outbox-row.ts';
import type { Publisher } from './publisher.ts';

/**
 * Publishes archived rows again; answers how many were stored. A `run` tells them apart from their first publication; without
 * one, those that the stream received within the duplicate window are not stored again.
 */
export type Replay = (ctx: Context, link: Link, options: { fromMs: number; run?: string }) => Promise<number>;

/** Publications that wait for their acknowledgement at one time. */
const WINDOW = 50;

export const createReplay =
  (options: { store: OutboxStore; publisher: Publisher }): Replay =>
  async (ctx, link, { fromMs, run }) => {
    // A row that is being archived right now would be in neither outbox nor the pages read here.
    await options.publisher.settled();
    let count = 0;
    for await (const rows of options.store.archivedSince(ctx, fromMs)) {
      for (let i = 0; i < rows.length; i += WINDOW) {
        if (link.lost.aborted) throw new Error('the connection broke during the replay');
        ctx.signal.throwIfAborted();
        const window = rows.slice(i, i + WINDOW);
        const id = (sk: string) => (run ? `${sk}/${run}` : sk);
        const stored = await Promise.all(window.map((row) => options.publisher.republish(link, row, id(row.sk))));
        count += stored.filter(Boolean).length;
      }
    }
    return count;
  };
