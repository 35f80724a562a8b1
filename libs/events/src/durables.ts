import * as events from './catalogue.ts';
import type { EventType, TaskType } from './declare.ts';

/** Whatever a durable may be of. */
export type Consumable = Pick<EventType<never> | TaskType<never>, 'kind' | 'subject' | 'owner'>;

/**
 * Who consumes what: service → durable → event or task. Each service's user on the bus may do this and no more, so a consumer that
 * is not told of here waits for ever, and one that is told of and not there fails a test.
 */
export const DURABLES = {
  user: {
    'user-erase-user': events.userErasureRequested,
    'user-refresh-updated': events.userUpdated,
    'user-refresh-deleted': events.userDeleted,
    'user-refresh-restored': events.userRestored,
    'user-refresh-purged': events.userPurged,
  },
  product: {
    'product-erase-user': events.userErasureRequested,
    'product-count-views': events.productViews,
    'product-count-saves': events.productSaved,
    'product-count-sales': events.reservationCommitted,
    'product-project-created': events.productCreated,
    'product-project-updated': events.productUpdated,
    'product-project-deleted': events.productDeleted,
    'product-project-restored': events.productRestored,
    'product-record-initial': events.productCreated,
    'product-record-sales': events.reservationCommitted,
    'product-record-returns': events.reservationReleased,
  },
  order: {
    'order-erase-user': events.userErasureRequested,
  },
  graph: {
    'graph-count-follow': events.followCreated,
    'graph-count-import': events.followsImported,
    'graph-count-unfollow': events.followRemoved,
    'graph-erase-user': events.userErasureRequested,
    'graph-user-updated': events.userUpdated,
    'graph-user-deleted': events.userDeleted,
    'graph-user-restored': events.userRestored,
    'graph-grant-late-request': events.followRequested,
  },
  feed: {
    'feed-plan-fan-out': events.postCreated,
    'feed-follow-visibility': events.postUpdated,
    'feed-plan-repost': events.repostCreated,
    'feed-push-chunk': events.fanOutChunk,
    'feed-rebuild': events.feedRebuild,
    'feed-turn-feeds': events.modeChunk,
    'feed-erase-user': events.userErasureRequested,
    'feed-backfill-follow': events.followCreated,
    'feed-backfill-import': events.followsImported,
    'feed-sweep-follow': events.followRemoved,
    'feed-sweep-post': events.postDeleted,
    'feed-sweep-repost': events.repostRemoved,
    'feed-keep-saved': events.productSaved,
    'feed-keep-unsaved': events.productUnsaved,
    'feed-share-purchase': events.purchaseShared,
    'feed-unshare-purchase': events.purchaseUnshared,
    'feed-refund-purchase': events.orderRefunded,
    'feed-tell-listed': events.productCreated,
    'feed-tell-price': events.priceChanged,
    'feed-tell-sold-out': events.stockDepleted,
    'feed-tell-restocked': events.stockRestocked,
    'feed-count-like': events.postLiked,
    'feed-count-unlike': events.postUnliked,
    'feed-count-repost': events.repostCreated,
    'feed-count-repost-removed': events.repostRemoved,
    'feed-count-reply': events.postCreated,
    'feed-count-reply-updated': events.postUpdated,
    'feed-count-reply-deleted': events.postDeleted,
    'feed-count-views': events.postViews,
    'feed-count-sales': events.orderPaid,
    'feed-trend-like': events.postLiked,
    'feed-trend-repost': events.repostCreated,
    'feed-trend-post': events.postCreated,
    'feed-notify-welcome': events.userCreated,
    'feed-notify-follow': events.followCreated,
    'feed-notify-import': events.followsImported,
    'feed-notify-unfollow': events.followRemoved,
    'feed-notify-request': events.followRequested,
    'feed-notify-request-over': events.followRequestRemoved,
    'feed-notify-like': events.postLiked,
    'feed-notify-repost': events.repostCreated,
    'feed-notify-post': events.postCreated,
    'feed-notify-post-updated': events.postUpdated,
    'feed-notify-order-paid': events.orderPaid,
    'feed-notify-order-failed': events.orderFailed,
    'feed-notify-order-cancelled': events.orderCancelled,
    'feed-notify-order-shipped': events.orderShipped,
    'feed-notify-order-delivered': events.orderDelivered,
    'feed-notify-order-refunded': events.orderRefunded,
    'feed-notify-price': events.priceChanged,
    'feed-notify-sold-out': events.stockDepleted,
    'feed-notify-restocked': events.stockRestocked,
  },
} as const satisfies Record<string, Record<string, Consumable>>;

/** A service, as the full names of its events have it. */
export type Owner = keyof typeof DURABLES;

export const OWNERS = Object.keys(DURABLES) as readonly Owner[];
