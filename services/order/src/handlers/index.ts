import type { ProductClients } from '@plaza/clients';
import type { Clock, PageTokens } from '@plaza/core';
import type { OrderServiceDefinition } from '@plaza/proto/plaza/order/v1/order_service';
import type { Handlers } from '@plaza/rpc';

import type { Saga } from '../saga/saga.ts';
import type { OrderStore } from '../store/order-store.ts';
import type { ShareStore } from '../store/share-store.ts';
import { cancelOrder } from './cancel-order.ts';
import { createOrder } from './create-order.ts';
import { getOrder } from './get-order.ts';
import { listOrders } from './list-orders.ts';
import { unsharePurchase } from './unshare-purchase.ts';

export interface Deps {
  readonly orders: OrderStore;
  readonly shares: Pick<ShareStore, 'withdraw'>;
  readonly saga: Pick<Saga, 'untilAnswered' | 'finish'>;
  readonly products: Pick<ProductClients['products'], 'batchGetProducts'>;
  readonly pageTokens: PageTokens;
  readonly now: Clock;
  readonly newId: () => string;
}

export type OrderHandlers = Handlers<OrderServiceDefinition>;

export const orderHandlers = (deps: Deps): OrderHandlers => ({
  createOrder: createOrder(deps),
  getOrder: getOrder(deps),
  listOrders: listOrders(deps),
  cancelOrder: cancelOrder(deps),
  unsharePurchase: unsharePurchase(deps),
});
