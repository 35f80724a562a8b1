import type { Clock, Context } from '@plaza/core';
import { absent, eq, lostRace, put, remove, ttl, type Db, type Item } from '@plaza/dynamo';

import { recordAfter, type PurchaseRecord, type PurchaseTold, type Shared } from '../../domain/home/purchase.ts';
import { keys, postsTable } from '../table.ts';
import { storyRow } from './story-row.ts';
import { markStory, unlessErased } from './story-store.ts';

/** Each lost race means that another event of the same order was worked in. */
const MAX_TRIES = 20;
/** A record that shows nothing is kept for longer than an event may come again, or late. */
const KEPT_SECONDS = 30 * 24 * 3600;

/** What followers are shown of a purchase, before and after an event. */
export interface Showing {
  readonly before: Shared | undefined;
  readonly after: Shared | undefined;
}

export type PurchaseStore = ReturnType<typeof createPurchaseStore>;

/** Purchases in the timelines of their buyers. A row beside them remembers what was told, since it may come in any order. */
export const createPurchaseStore = ({ db, now }: { db: Db; now: Clock }) => ({
  /** Works an event in, once or often. @throws ABORTED WRITE_CONFLICT */
  async apply(ctx: Context, orderId: string, told: PurchaseTold): Promise<Showing> {
    const row = keys.purchase(orderId);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const item = await db.get(ctx, postsTable, row);
      const before = recordIn(item);
      const after = recordAfter(before, told);
      const { shared } = after;
      const rev = Number(item?.['rev'] ?? 0);
      const expiry = shared ? {} : { expiresAt: ttl(now(), KEPT_SECONDS) };
      const asRead = item === undefined ? absent() : eq('rev', rev);
      const result = await db.transact(ctx, [
        put(postsTable, { ...row, ...after, rev: rev + 1, ...expiry }, asRead),
        ...(shared ? [put(postsTable, shownRow(orderId, shared)), unlessErased(shared.userId)] : []),
        ...(before?.shared && !shared ? [remove(postsTable, keys.story(before.shared.userId, before.shared.storyId))] : []),
      ]);
      if (result.ok) {
        if (shared) await markStory(db, ctx, shared.userId, shared.storyId);
        return { before: before?.shared, after: shared };
      }
      // The buyer is erased: nothing is shown of what they bought.
      if (result.failed.some(({ index }) => index > 0)) return { before: before?.shared, after: undefined };
    }
    throw lostRace();
  },
});

const shownRow = (orderId: string, { storyId, userId, productIds }: Shared) =>
  storyRow(storyId, { kind: 'PURCHASE', sourceId: userId, orderId, productIds });

const recordIn = (item: Item | undefined): PurchaseRecord | undefined =>
  item && {
    ...(item['shared'] !== undefined && { shared: item['shared'] as unknown as Shared }),
    ...(item['unshared'] !== undefined && { unshared: Number(item['unshared']) }),
    refunds: item['refunds'] as unknown as Record<string, number>,
  };
