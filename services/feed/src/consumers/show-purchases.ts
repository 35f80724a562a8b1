import { orderRefunded, purchaseShared, purchaseUnshared, type Consumers, type EventType, type Meta } from '@plaza/events';

import { storyKey } from '../domain/home/entry.ts';
import type { Published } from '../domain/home/fan-out.ts';
import type { PurchaseTold, Shared } from '../domain/home/purchase.ts';
import { createPlanEntry } from '../plan-entry.ts';
import type { Deps } from './index.ts';

type PurchaseDeps = Pick<Deps, 'purchases' | 'truths' | 'receipts' | 'fanOut' | 'now'>;

/** Purchases that their buyers share come into the feeds of who follows them, as far as nothing was taken back, in whatever order it is told. */
export const addPurchases = (consumers: Pick<Consumers, 'on'>, deps: PurchaseDeps): void => {
  const { purchases, fanOut } = deps;
  const planEntry = createPlanEntry(deps);
  const show = <T extends { orderId: string }>(
    event: EventType<T>,
    durable: string,
    toldBy: (event: T, meta: Meta) => PurchaseTold,
  ) =>
    consumers.on(event, {
      durable,
      handle: async (ctx, payload, meta) => {
        const told = toldBy(payload, meta);
        const { before, after } = await purchases.apply(ctx, payload.orderId, told);
        if (after === undefined && before) await fanOut.sweep(ctx, publishedBy(before));
        else if (after && told.kind === 'SHARED') await planEntry(ctx, publishedBy(after), meta);
      },
    });
  show(purchaseShared, 'feed-share-purchase', ({ userId, productIds }, { id, version }) => ({
    kind: 'SHARED',
    storyId: id,
    userId,
    version,
    productIds,
  }));
  show(purchaseUnshared, 'feed-unshare-purchase', (_event, { version }) => ({ kind: 'UNSHARED', version }));
  show(orderRefunded, 'feed-refund-purchase', ({ lines }, { version }) => ({
    kind: 'REFUNDED',
    version,
    productIds: lines.map(({ productId }) => productId),
  }));
};

const publishedBy = ({ storyId, userId }: Shared): Published => ({
  entry: storyKey(storyId, userId),
  sourceId: userId,
  audience: 'FOLLOWERS',
});
