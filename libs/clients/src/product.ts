import { ProductServiceDefinition } from '@plaza/proto/plaza/product/v1/product_service';
import { InventoryServiceDefinition } from '@plaza/proto/plaza/product/v1/inventory_service';
import { createClient, type Client } from '@plaza/rpc';

import { clientOptions, type PeerOptions } from './peer.ts';

export interface ProductClients {
  readonly products: Client<ProductServiceDefinition>;
  readonly inventory: Client<InventoryServiceDefinition>;
  close(): void;
}

/** The product service: catalogue and stock. */
export const productClients = (peer: PeerOptions): ProductClients => {
  const products = createClient(ProductServiceDefinition, clientOptions(peer, 'product'));
  const inventory = createClient(InventoryServiceDefinition, clientOptions(peer, 'product'));
  return {
    products,
    inventory,
    close() {
      products.close();
      inventory.close();
    },
  };
};
