import type { Context } from '@plaza/core';
import type { Db, Item } from '@plaza/dynamo';

import { dueKey, orderTable } from './table.ts';

/** The longest overdue rows of each shard of the due index. The index proposes; a row that went on meanwhile is left out. */
export const dueRows = async (
  db: Db,
  ctx: Context,
  shards: readonly string[],
  now: number,
  limitPerShard: number,
): Promise<Item[]> => {
  const sk = { lte: dueKey(now) };
  const pages = await Promise.all(shards.map((pk) => db.query(ctx, orderTable, { index: 'due', pk, sk, limit: limitPerShard })));
  const rows = await db.batchGet(
    ctx,
    orderTable,
    pages.flatMap(({ items }) => items),
  );
  return rows.filter((row): row is Item => typeof row?.['dueAt'] === 'string' && row['dueAt'] <= sk.lte);
};
