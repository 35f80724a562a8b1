import { newId, noMetrics, silentLog } from '@plaza/core';
import { userClients } from '@plaza/clients';
import { asService, testKeys } from '@plaza/testing';

import { walletPayments } from '../src/payments/wallet.ts';
import { createLedger } from './ledger.ts';
import { describePayments } from './payment-contract.ts';
import { startStubPeers } from './stub-peers.ts';

// The adapter over the ledger of this service's other tests: so the ledger keeps the contract too, which all of them count on.
describePayments('wallets of the stub peers', async () => {
  const ledger = createLedger({ stock: {}, money: {} });
  const peer = await startStubPeers(ledger, [], async (_name, effect) => effect());
  const clients = userClients({ address: peer.address, token: testKeys().tokenOf, log: silentLog, metrics: noMetrics });
  const give = async (id: string, minor: number) => void ledger.balance.set(id, (ledger.balance.get(id) ?? 0) + minor);
  return {
    payments: walletPayments(clients.wallets),
    ctx: () => asService('order'),
    give,
    person: async (minor) => {
      const id = newId();
      await give(id, minor);
      return id;
    },
    spendable: async (id) => ledger.balance.get(id) ?? 0,
    close: async () => {
      clients.close();
      await peer.close();
    },
  };
});
