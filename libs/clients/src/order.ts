import { OrderServiceDefinition } from '@plaza/proto/plaza/order/v1/order_service';
import { createClient, type Client } from '@plaza/rpc';

import { clientOptions, type PeerOptions } from './peer.ts';

export interface OrderClients {
  readonly orders: Client<OrderServiceDefinition>;
  close(): void;
}

/** The order service. */
export const orderClients = (peer: PeerOptions): OrderClients => {
  const orders = createClient(OrderServiceDefinition, clientOptions(peer));
  return {
    orders,
    close() {
      orders.close();
    },
  };
};
