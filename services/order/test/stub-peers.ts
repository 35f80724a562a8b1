import { ProductServiceDefinition } from '@plaza/proto/plaza/product/v1/product_service';
import { InventoryServiceDefinition } from '@plaza/proto/plaza/product/v1/inventory_service';
import { SessionServiceDefinition } from '@plaza/proto/plaza/user/v1/session_service';
import { UserServiceDefinition, type ReportErasureRequest } from '@plaza/proto/plaza/user/v1/user_service';
import { WalletServiceDefinition } from '@plaza/proto/plaza/user/v1/wallet_service';
import { bindSome, startPeer, type Peer } from '@plaza/testing';

import type { Offer } from '../src/domain/new-order.ts';
import type { Ledger } from './ledger.ts';
import { createPeers, type Wire } from './peers.ts';

/** Product and user service over one ledger, behind real gRPC with the real schemas and policies. */
export const startStubPeers = (
  ledger: Ledger,
  offers: readonly Offer[],
  wire: Wire,
  reports: ReportErasureRequest[] = [],
  sharers: ReadonlySet<string> = new Set(),
  endedSessions: ReadonlySet<string> = new Set(),
): Promise<Peer> => {
  const { products, inventory, wallets } = createPeers(ledger, offers, wire);
  return startPeer(
    bindSome(ProductServiceDefinition, products),
    bindSome(InventoryServiceDefinition, inventory),
    bindSome(WalletServiceDefinition, wallets),
    bindSome(UserServiceDefinition, {
      reportErasure: (_ctx, report) => wire('ReportErasure', () => (reports.push(report), {})),
      getPreferences: (_ctx, { userId }) =>
        wire('GetPreferences', () => ({ preferences: { sharePurchases: sharers.has(userId) }, etag: '1' })),
    }),
    bindSome(SessionServiceDefinition, {
      checkSession: (_ctx, { sessionId }) => wire('CheckSession', () => ({ live: !endedSessions.has(sessionId) })),
    }),
  );
};
