import { callerKey, fillPage, pageSizeOf, type Context, type Page, type PageTokens } from '@plaza/core';

import type { View } from './domain/visibility.ts';
import type { ListRow, ListStore } from './store/list-store.ts';
import type { Sight } from './store/sight-store.ts';
import type { ListKind } from './store/table.ts';

export interface Listing {
  readonly kind: ListKind;
  /** Whose list it is. */
  readonly userId: string;
  /** With whose eyes it is read; empty: nobody's in particular. */
  readonly viewerId: string;
  readonly pageSize: number;
  readonly pageToken: string;
  /** Whether there is a list at all for this viewer. */
  readonly open: (view: View) => boolean;
  /** Whether the viewer is shown this person in it. */
  readonly shown: (view: View, userId: string) => boolean;
}

export interface ListPage {
  readonly rows: readonly ListRow[];
  readonly nextPageToken: string;
}

export type ReadList = (ctx: Context, listing: Listing) => Promise<ListPage>;

/** Pages of lists of people, newest first, as their reader may see them. What is left out makes a page short, never wrong. */
export const createReadList =
  ({ lists, sight, pageTokens }: { lists: ListStore; sight: Sight; pageTokens: PageTokens }): ReadList =>
  async (ctx, { kind, userId, viewerId, pageSize, pageToken, open, shown }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: userId };
    const size = pageSizeOf(pageSize);
    const { items, next }: Page<ListRow> = await fillPage(size, pageTokens.decode<string>(scope, pageToken), async (after) => {
      const { rows, end } = await lists.newest(ctx, kind, userId, { size, after });
      // After the rows: whoever was hidden before they were read is hidden in what is shown of them.
      const view = await sight.look(ctx, viewerId, [userId, ...rows.map((row) => row.userId)]);
      if (!open(view)) return { entries: [], end: true };
      return { entries: rows.map((row) => ({ place: row.place, item: shown(view, row.userId) ? row : undefined })), end };
    });
    return { rows: items, nextPageToken: next === undefined ? '' : pageTokens.encode(scope, next) };
  };
