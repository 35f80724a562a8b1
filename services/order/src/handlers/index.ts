import type { UserClients } from '@plaza/clients';
import type { Clock, Hub, PageTokens } from '@plaza/core';
import type { CartServiceDefinition } from '@plaza/proto/plaza/order/v1/cart_service';
import type { OrderServiceDefinition } from '@plaza/proto/plaza/order/v1/order_service';
import type { Handlers } from '@plaza/rpc';

import type { Catalogue } from '../catalogue.ts';
import type { Saga } from '../saga/saga.ts';
import type { CartStore } from '../store/cart-store.ts';
import type { FulfilmentStore } from '../store/fulfilment-store.ts';
import type { HistoryStore } from '../store/history-store.ts';
import type { OrderLists } from '../store/order-lists.ts';
import type { OrderStore } from '../store/order-store.ts';
import type { RefundStore } from '../store/refund-store.ts';
import type { ShareStore } from '../store/share-store.ts';
import { addCartItem } from './add-cart-item.ts';
import { cancelOrder } from './cancel-order.ts';
import { clearCart } from './clear-cart.ts';
import { createOrder } from './create-order.ts';
import { deliverOrder } from './deliver-order.ts';
import { getCart } from './get-cart.ts';
import { getOrder } from './get-order.ts';
import { listOrderEvents } from './list-order-events.ts';
import { listOrdersByStatus } from './list-orders-by-status.ts';
import { listOrders } from './list-orders.ts';
import { listSales } from './list-sales.ts';
import { refundOrder } from './refund-order.ts';
import { removeCartItem } from './remove-cart-item.ts';
import { shipOrder } from './ship-order.ts';
import { unsharePurchase } from './unshare-purchase.ts';
import { updateCartItem } from './update-cart-item.ts';
import { watchOrder } from './watch-order.ts';

export interface Deps {
  readonly orders: OrderStore;
  readonly lists: OrderLists;
  readonly history: HistoryStore;
  readonly hub: Pick<Hub, 'watch'>;
  readonly shares: Pick<ShareStore, 'withdraw'>;
  readonly fulfilments: FulfilmentStore;
  readonly refunds: RefundStore;
  readonly saga: Pick<Saga, 'untilAnswered' | 'untilRefunded' | 'finish'>;
  readonly carts: CartStore;
  readonly catalogue: Catalogue;
  readonly wallets: Pick<UserClients['wallets'], 'getWallet'>;
  readonly pageTokens: PageTokens;
  readonly now: Clock;
  readonly newId: () => string;
}

export type OrderHandlers = Handlers<OrderServiceDefinition>;
export type CartHandlers = Handlers<CartServiceDefinition>;

export const orderHandlers = (deps: Deps): OrderHandlers => ({
  createOrder: createOrder(deps),
  getOrder: getOrder(deps),
  listOrders: listOrders(deps),
  listOrdersByStatus: listOrdersByStatus(deps),
  listSales: listSales(deps),
  listOrderEvents: listOrderEvents(deps),
  watchOrder: watchOrder(deps),
  cancelOrder: cancelOrder(deps),
  unsharePurchase: unsharePurchase(deps),
  shipOrder: shipOrder(deps),
  deliverOrder: deliverOrder(deps),
  refundOrder: refundOrder(deps),
});

export const cartHandlers = (deps: Deps): CartHandlers => ({
  getCart: getCart(deps),
  addCartItem: addCartItem(deps),
  updateCartItem: updateCartItem(deps),
  removeCartItem: removeCartItem(deps),
  clearCart: clearCart(deps),
});
