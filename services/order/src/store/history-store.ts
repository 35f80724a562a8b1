import type { Context } from '@plaza/core';
import type { Db, Item } from '@plaza/dynamo';

import type { HistoryEntry } from '../domain/history.ts';
import { keys, orderTable } from './table.ts';

/** Sorts behind every number. */
const BEHIND = '~';

export type HistoryStore = ReturnType<typeof createHistoryStore>;

/** What happened to an order, as it was written with each change of it (moves.ts). */
export const createHistoryStore = ({ db }: { db: Db }) => ({
  /** Oldest first, from after a sequence number, and whether these are all. Strongly consistent. */
  async after(ctx: Context, orderId: string, sequence: number, most: number): Promise<{ entries: HistoryEntry[]; end: boolean }> {
    const { pk, sk } = keys.history(orderId, sequence + 1);
    const { items } = await db.query(ctx, orderTable, { pk, sk: { between: [sk, `EV#${BEHIND}`] }, limit: most + 1 });
    return { entries: items.slice(0, most).map(entryOf), end: items.length <= most };
  },
});

const entryOf = ({ pk: _pk, sk: _sk, ...entry }: Item): HistoryEntry => entry as unknown as HistoryEntry;
