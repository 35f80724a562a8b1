import type { Context } from '@plaza/core';
import type { Db, Item } from '@plaza/dynamo';

import type { Listed } from '../domain/list.ts';
import type { MuteScope } from '../domain/tie.ts';
import { graph, listedId, listOf, type ListKind } from './table.ts';

export interface Range {
  readonly size: number;
  /** Place of the last row seen; undefined at the beginning. */
  readonly after: string | undefined;
}

export interface ListRow extends Listed {
  /** Where a list goes on after this row. */
  readonly place: string;
  readonly row: Item;
}

export type ListStore = ReturnType<typeof createListStore>;

/** Lists of ties by time, strongly consistent, at the same cost for every page. */
export const createListStore = ({ db }: { db: Db }) => {
  const read = async (ctx: Context, kind: ListKind, userId: string, range: Range & { oldestFirst?: boolean }) => {
    const pk = listOf(kind, userId);
    // One more than asked for tells whether the list goes on.
    const { items } = await db.query(ctx, graph, {
      pk,
      limit: range.size + 1,
      descending: range.oldestFirst !== true,
      after: range.after === undefined ? undefined : { pk, sk: range.after },
    });
    return { rows: items.slice(0, range.size).map(rowOf), end: items.length <= range.size };
  };

  return {
    /** Newest first. */
    newest: (ctx: Context, kind: ListKind, userId: string, range: Range) => read(ctx, kind, userId, range),

    /** Oldest first, so that who joins meanwhile comes last. In chunks; the next one is read only when it is asked for. */
    async *oldest(ctx: Context, kind: ListKind, userId: string, range: Range): AsyncIterable<readonly ListRow[]> {
      for (let { after } = range; ;) {
        const { rows, end } = await read(ctx, kind, userId, { ...range, after, oldestFirst: true });
        if (rows.length > 0) yield rows;
        if (end) return;
        after = rows.at(-1)?.place;
      }
    },
  };
};

const rowOf = (row: Item): ListRow => ({
  userId: listedId(row.sk),
  at: Number(row['at']),
  place: row.sk,
  row,
  scope: row['scope'] as MuteScope | undefined,
});
