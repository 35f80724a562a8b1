import {
  PostCreated,
  PostDeleted,
  PostLiked,
  PostUnliked,
  PostUpdated,
  RepostCreated,
  RepostRemoved,
} from '@plaza/proto/plaza/feed/v1/events';
import { FeedSignal, NotificationSignal } from '@plaza/proto/plaza/feed/v1/signals';
import { FanOutChunk, FeedRebuild, ModeChunk, PostViews } from '@plaza/proto/plaza/feed/v1/tasks';
import {
  BlockCreated,
  BlockRemoved,
  FollowCreated,
  FollowRemoved,
  FollowRequested,
  FollowRequestRemoved,
  FollowsImported,
  MuteCreated,
  MuteRemoved,
} from '@plaza/proto/plaza/graph/v1/events';
import {
  OrderCancelled,
  OrderCreated,
  OrderDelivered,
  OrderFailed,
  OrderPaid,
  OrderRefunded,
  OrderShipped,
  PurchaseShared,
  PurchaseUnshared,
} from '@plaza/proto/plaza/order/v1/events';
import {
  PriceChanged,
  ProductCreated,
  ProductDeleted,
  ProductRestored,
  ProductSaved,
  ProductUnsaved,
  ProductUpdated,
  ReservationCommitted,
  ReservationExpired,
  ReservationReleased,
  StockDepleted,
  StockReserved,
  StockRestocked,
} from '@plaza/proto/plaza/product/v1/events';
import { ProductViews } from '@plaza/proto/plaza/product/v1/tasks';
import {
  BalanceTransferred,
  SessionsRevoked,
  UserCreated,
  UserDeleted,
  UserErasureRequested,
  UserPurged,
  UserRestored,
  UserUpdated,
} from '@plaza/proto/plaza/user/v1/events';

import { defineEvent, defineSignal, defineTask } from './declare.ts';

export const userCreated = defineEvent(UserCreated);
export const userUpdated = defineEvent(UserUpdated);
export const userDeleted = defineEvent(UserDeleted);
export const userRestored = defineEvent(UserRestored);
export const userErasureRequested = defineEvent(UserErasureRequested);
export const userPurged = defineEvent(UserPurged);
export const sessionsRevoked = defineEvent(SessionsRevoked);
export const balanceTransferred = defineEvent(BalanceTransferred);

export const productCreated = defineEvent(ProductCreated);
export const productUpdated = defineEvent(ProductUpdated);
export const productDeleted = defineEvent(ProductDeleted);
export const productRestored = defineEvent(ProductRestored);
export const priceChanged = defineEvent(PriceChanged);
export const productSaved = defineEvent(ProductSaved);
export const productUnsaved = defineEvent(ProductUnsaved);
export const stockDepleted = defineEvent(StockDepleted);
export const stockRestocked = defineEvent(StockRestocked);
export const stockReserved = defineEvent(StockReserved);
export const reservationCommitted = defineEvent(ReservationCommitted);
export const reservationReleased = defineEvent(ReservationReleased);
export const reservationExpired = defineEvent(ReservationExpired);

export const orderCreated = defineEvent(OrderCreated);
export const orderPaid = defineEvent(OrderPaid);
export const orderFailed = defineEvent(OrderFailed);
export const orderCancelled = defineEvent(OrderCancelled);
export const orderShipped = defineEvent(OrderShipped);
export const orderDelivered = defineEvent(OrderDelivered);
export const orderRefunded = defineEvent(OrderRefunded);
export const purchaseShared = defineEvent(PurchaseShared);
export const purchaseUnshared = defineEvent(PurchaseUnshared);

export const followCreated = defineEvent(FollowCreated);
export const followsImported = defineEvent(FollowsImported);
export const followRemoved = defineEvent(FollowRemoved);
export const followRequested = defineEvent(FollowRequested);
export const followRequestRemoved = defineEvent(FollowRequestRemoved);
export const blockCreated = defineEvent(BlockCreated);
export const blockRemoved = defineEvent(BlockRemoved);
export const muteCreated = defineEvent(MuteCreated);
export const muteRemoved = defineEvent(MuteRemoved);

export const postCreated = defineEvent(PostCreated);
export const postUpdated = defineEvent(PostUpdated);
export const postDeleted = defineEvent(PostDeleted);
export const postLiked = defineEvent(PostLiked);
export const postUnliked = defineEvent(PostUnliked);
export const repostCreated = defineEvent(RepostCreated);
export const repostRemoved = defineEvent(RepostRemoved);

export const fanOutChunk = defineTask(FanOutChunk);
export const modeChunk = defineTask(ModeChunk);
export const feedRebuild = defineTask(FeedRebuild);
export const postViews = defineTask(PostViews);
export const feedSignal = defineSignal(FeedSignal);
export const notificationSignal = defineSignal(NotificationSignal);
export const productViews = defineTask(ProductViews);
