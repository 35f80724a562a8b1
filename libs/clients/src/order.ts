import { CartServiceDefinition } from '@plaza/proto/plaza/order/v1/cart_service';
import { OrderServiceDefinition } from '@plaza/proto/plaza/order/v1/order_service';
import { createClient, type Client } from '@plaza/rpc';

import { clientOptions, type PeerOptions } from './peer.ts';

export interface OrderClients {
  readonly orders: Client<OrderServiceDefinition>;
  readonly carts: Client<CartServiceDefinition>;
  close(): void;
}

/** The order service: orders and carts. */
export const orderClients = (peer: PeerOptions): OrderClients => {
  const orders = createClient(OrderServiceDefinition, clientOptions(peer, 'order'));
  const carts = createClient(CartServiceDefinition, clientOptions(peer, 'order'));
  return {
    orders,
    carts,
    close() {
      orders.close();
      carts.close();
    },
  };
};
