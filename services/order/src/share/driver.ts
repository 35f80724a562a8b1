import type { UserClients } from '@plaza/clients';
import {
  backgroundContext,
  createPoller,
  errorFields,
  inLanes,
  isAppError,
  type Clock,
  type Context,
  type Log,
  type Metrics,
  type Poller,
} from '@plaza/core';

import { productsToShare, type Share } from '../domain/share.ts';
import { purchasesDue } from '../metrics.ts';
import type { OrderStore } from '../store/order-store.ts';
import type { DueShare, ShareStore } from '../store/share-store.ts';

export interface ShareDriverDeps {
  readonly shares: Pick<ShareStore, 'due' | 'share' | 'drop' | 'postpone'>;
  readonly orders: Pick<OrderStore, 'get'>;
  readonly users: Pick<UserClients['users'], 'getPreferences'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly now: Clock;
}

const PER_SHARD = 25;
const CONCURRENCY = 4;
const TIMEOUT_MS = 5000;
/** Whoever fails stands back for so long, so that those behind have their turn. */
const STAND_BACK_MS = 10_000;

/**
 * Shows purchases to followers when their time has come: if the buyer's preference says so then, and the buyer kept something. Any number
 * of drivers may run: what is told is one transaction that holds only while the purchase waits.
 */
export const createShareDriver = ({ shares, orders, users, log, metrics, now }: ShareDriverDeps): Poller => {
  const told = metrics.counter(purchasesDue);

  /** Who is gone agrees to nothing. */
  const agrees = async (ctx: Context, userId: string): Promise<boolean> => {
    try {
      return (await users.getPreferences(ctx, { userId })).preferences?.sharePurchases ?? false;
    } catch (error) {
      if (isAppError(error, 'USER_NOT_FOUND')) return false;
      throw error;
    }
  };

  const tell = async (ctx: Context, share: Share): Promise<void> => {
    const order = await orders.get(ctx, share.userId, share.orderId);
    const productIds = productsToShare(order, await agrees(ctx, share.userId));
    if (order && productIds.length > 0) {
      if (await shares.share(ctx, share, order, productIds)) told.add({ end: 'shared' });
    } else if (await shares.drop(ctx, share)) told.add({ end: 'dropped' });
  };

  const take = async (due: DueShare, signal: AbortSignal): Promise<void> => {
    if (signal.aborted) return;
    const context = () => backgroundContext({ method: 'order.share', timeoutMs: TIMEOUT_MS, log, signal });
    try {
      await tell(context(), due.share);
    } catch (error) {
      if (signal.aborted) return;
      log.warn('order.share-failed', { orderId: due.share.orderId, ...errorFields(error) });
      await shares.postpone(context(), due, now() + STAND_BACK_MS).catch((unwritten: unknown) => {
        log.warn('order.share-not-postponed', { orderId: due.share.orderId, ...errorFields(unwritten) });
      });
    }
  };

  const look = async (signal: AbortSignal): Promise<number> => {
    const found = await shares.due(backgroundContext({ method: 'order.share', timeoutMs: TIMEOUT_MS, log, signal }), PER_SHARD);
    await inLanes(found, CONCURRENCY, (due) => take(due, signal));
    return found.length;
  };

  return createPoller({ look, many: PER_SHARD, failed: (error) => log.warn('order.share-poll-failed', errorFields(error)) });
};
