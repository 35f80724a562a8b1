import type { Context } from '@plaza/core';
import { all, check, eq, remove, type Db } from '@plaza/dynamo';

import { placeOf } from '../../domain/home/entry.ts';
import { FEED_ROWS } from '../../domain/home/reach.ts';
import { FIRST_ROW, homeFeedTable, keys } from '../table.ts';
import type { FeedStateStore } from './feed-state-store.ts';

/** Of one transaction, beside the check. */
const AT_ONCE = 99;

export type Trim = (ctx: Context, viewerId: string) => Promise<void>;

/**
 * Cuts a feed to its newest rows; what is older is read from the timelines. The floor is raised before a row goes. Rows go only while the
 * feed has not woken anew: a rebuilding writes rows again, and may say that they are whole further down.
 */
export const createTrim =
  ({ db, states }: { db: Db; states: Pick<FeedStateStore, 'get' | 'raiseFloor'> }): Trim =>
  async (ctx, viewerId) => {
    const state = await states.get(ctx, viewerId);
    if (state?.state !== 'READY') return;
    const rows = { pk: viewerId, sk: { gte: FIRST_ROW }, descending: true };
    const newest = await db.query(ctx, homeFeedTable, { ...rows, limit: FEED_ROWS });
    const last = newest.items[FEED_ROWS - 1];
    if (last === undefined) return;
    const floor = placeOf(last.sk);
    await states.raiseFloor(ctx, viewerId, floor);
    const stands = check(homeFeedTable, keys.feedMeta(viewerId), all(eq('epoch', state.epoch), eq('state', 'READY')));
    for (;;) {
      const { items } = await db.query(ctx, homeFeedTable, { ...rows, descending: false, limit: AT_ONCE });
      const old = items.filter((row) => row.sk < floor).map((row) => remove(homeFeedTable, row));
      if (old.length === 0 || !(await db.transact(ctx, [...old, stands])).ok) return;
    }
  };
