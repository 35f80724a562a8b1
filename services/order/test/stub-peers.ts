import { ProductServiceDefinition } from '@plaza/proto/plaza/product/v1/product_service';
import { InventoryServiceDefinition } from '@plaza/proto/plaza/product/v1/inventory_service';
import { WalletServiceDefinition } from '@plaza/proto/plaza/user/v1/wallet_service';
import { bind } from '@plaza/rpc';
import { startPeer, type Peer } from '@plaza/testing';

import type { Offer } from '../src/domain/new-order.ts';
import type { Ledger } from './ledger.ts';
import { createPeers, type Wire } from './peers.ts';

const unused = () => Promise.reject(new Error('the order service does not call this'));

/** Product and user service over one ledger, behind real gRPC with the real schemas and policies. */
export const startStubPeers = (ledger: Ledger, offers: readonly Offer[], wire: Wire): Promise<Peer> => {
  const { products, inventory, wallets } = createPeers(ledger, offers, wire);
  return startPeer(
    bind(ProductServiceDefinition, {
      ...products,
      createProduct: unused,
      batchCreateProducts: unused,
      getProduct: unused,
      listProducts: unused,
    }),
    bind(InventoryServiceDefinition, { ...inventory, adjustStock: unused }),
    bind(WalletServiceDefinition, { ...wallets, getWallet: unused, creditWallet: unused }),
  );
};
