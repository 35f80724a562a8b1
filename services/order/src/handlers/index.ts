import type { UserClients } from '@plaza/clients';
import type { Clock, PageTokens } from '@plaza/core';
import type { CartServiceDefinition } from '@plaza/proto/plaza/order/v1/cart_service';
import type { OrderServiceDefinition } from '@plaza/proto/plaza/order/v1/order_service';
import type { Handlers } from '@plaza/rpc';

import type { Catalogue } from '../catalogue.ts';
import type { Saga } from '../saga/saga.ts';
import type { CartStore } from '../store/cart-store.ts';
import type { OrderStore } from '../store/order-store.ts';
import type { ShareStore } from '../store/share-store.ts';
import { addCartItem } from './add-cart-item.ts';
import { cancelOrder } from './cancel-order.ts';
import { clearCart } from './clear-cart.ts';
import { createOrder } from './create-order.ts';
import { getCart } from './get-cart.ts';
import { getOrder } from './get-order.ts';
import { listOrders } from './list-orders.ts';
import { removeCartItem } from './remove-cart-item.ts';
import { unsharePurchase } from './unshare-purchase.ts';
import { updateCartItem } from './update-cart-item.ts';

export interface Deps {
  readonly orders: OrderStore;
  readonly shares: Pick<ShareStore, 'withdraw'>;
  readonly saga: Pick<Saga, 'untilAnswered' | 'finish'>;
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
  cancelOrder: cancelOrder(deps),
  unsharePurchase: unsharePurchase(deps),
});

export const cartHandlers = (deps: Deps): CartHandlers => ({
  getCart: getCart(deps),
  addCartItem: addCartItem(deps),
  updateCartItem: updateCartItem(deps),
  removeCartItem: removeCartItem(deps),
  clearCart: clearCart(deps),
});
